"""A regular expression that lets others run while it looks, and gives up in time.

Python's own `re` holds the interpreter lock until it is done, and ``(a+)+b`` may take
it for years: the screen would stop with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mixtui.core.errors import SearchError

if TYPE_CHECKING:
    import regex

MATCH_TIMEOUT = 5.0
"""Seconds for one piece of a body."""


class TimeoutPattern:
    """Finds as `re.Pattern` does."""

    def __init__(self, pattern: regex.Pattern[bytes]) -> None:
        self._pattern = pattern

    def finditer(
        self, data: bytes, seconds: float = MATCH_TIMEOUT
    ) -> Iterator[regex.Match[bytes]]:
        """Each match in the bytes.

        Raises:
            SearchError: It takes too long.
        """
        try:
            yield from self._pattern.finditer(data, concurrent=True, timeout=seconds)
        except TimeoutError:
            raise SearchError(
                "This regular expression takes too long here: make it simpler."
            ) from None


Pattern = re.Pattern[bytes] | TimeoutPattern
"""What finds something in bytes."""


def spans(
    pattern: Pattern, data: bytes, seconds: float = MATCH_TIMEOUT
) -> Iterator[tuple[int, int]]:
    """From and to of each match that is not empty.

    Raises:
        SearchError: It takes too long.
    """
    if isinstance(pattern, TimeoutPattern):
        found = (match.span() for match in pattern.finditer(data, seconds))
    else:
        found = (match.span() for match in pattern.finditer(data))
    return (span for span in found if span[1] > span[0])
