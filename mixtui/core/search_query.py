"""What is searched for in a body, and the pattern that finds it."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from mixtui.core.errors import SearchError
from mixtui.core.patient_pattern import Pattern, TimeoutPattern
from mixtui.core.utf8_pattern import bytes_literal, bytes_pattern

_ESCAPE = re.compile(r"\\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A text to search for."""

    text: str
    case: bool = False
    """Match case exactly; False = only where the text has an upper-case letter."""
    regex: bool = False
    """The text is a regular expression as Python has them."""

    @property
    def matches_case(self) -> bool:
        """Whether an upper-case letter is another than its lower-case one."""
        letters = _ESCAPE.sub("", self.text) if self.regex else self.text
        return self.case or letters != letters.lower()

    def pattern(self) -> Pattern:
        """What finds the text in UTF-8; ``^`` and ``$`` are the ends of a line.

        The body is searched as it is written: a ``\\u00e9`` in it is six characters and
        not an é. A regular expression may match nothing at all: skip such matches.

        Raises:
            SearchError: There is nothing to search for, or it is no regular expression.
        """
        if not self.text:
            raise SearchError("There is nothing to search for.")
        if not self.regex:
            return re.compile(bytes_literal(self.text, self.matches_case))
        return _compiled(self.text, self.matches_case)


def _compiled(text: str, matches_case: bool) -> TimeoutPattern:
    import regex

    try:
        with warnings.catch_warnings():
            # "[[a]" may mean something else in a Python to come.
            warnings.simplefilter("ignore")
            re.compile(text)
            flags = regex.VERSION0 | regex.MULTILINE
            if not matches_case:
                flags |= regex.IGNORECASE
            pattern = bytes_pattern(text, matches_case)
            return TimeoutPattern(regex.compile(pattern, flags))
    except regex.error as error:
        raise SearchError(f"This cannot be searched for: {error}.") from None
    except re.error as error:
        if error.pos is None:
            raise SearchError(f"This cannot be searched for: {error.msg}.") from None
        raise SearchError(
            f"This is no regular expression: {error.msg} (column {error.pos + 1}).",
            error.pos,
        ) from None
    except (OverflowError, RecursionError):
        raise SearchError(
            "This regular expression is too large: make it simpler."
        ) from None
