"""Recognise text that can be imported; imported at start-up, so it stays light."""

from __future__ import annotations

import re

from mixtui.patterns import compile_late

_CURL_COMMAND = compile_late(
    r"\s*(?:[$%>]\s+)?(?:(?:printf|echo|cat|gzip)\s.*?\|\s*)?curl(?:\.exe)?\s+(?=\S)",
    re.DOTALL,
)
_URL = compile_late(r"\s*https?://\S+\s*", re.IGNORECASE)


def is_curl(text: str) -> bool:
    """Return whether a text is a curl command line, perhaps after a prompt or a pipe."""
    return bool(_CURL_COMMAND.match(text))


def is_absolute_url(text: str) -> bool:
    """Return whether a text is a single absolute URL."""
    return bool(_URL.fullmatch(text))


def is_importable(text: str) -> bool:
    """Return whether a text becomes a request where it is pasted outside fields."""
    return is_curl(text) or is_absolute_url(text.strip())
