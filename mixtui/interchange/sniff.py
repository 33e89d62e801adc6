"""Recognise text that can be imported; loaded with the screen, so it stays light."""

from __future__ import annotations

import re

_COMMAND = re.compile(
    r"\s*(?:[$%>]\s+)?(?:printf\s+%s\s.*\|\s*)?curl(?:\.exe)?\s+(?=\S)", re.DOTALL
)
_URL = re.compile(r"\s*https?://\S+\s*", re.IGNORECASE)


def is_curl(text: str) -> bool:
    """Whether a text is a curl command line, perhaps behind a prompt."""
    return bool(_COMMAND.match(text))


def is_absolute_url(text: str) -> bool:
    """Whether a text is one URL with its host."""
    return bool(_URL.fullmatch(text))
