"""Parameters of Query calls, checked; what is wrong becomes a Refusal (400)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.expressions import Expression, ExpressionError, parse
from mixtui.sandbox.json_text import Json
from mixtui.sandbox.json_text import parse as parse_json

# Years beyond these would leave what dates and databases can count in.
_DATE = re.compile(r"(19[7-9]\d|20\d\d)-\d\d-\d\d")
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names and texts, from the query or a form."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """A required text."""
        value = self.values.get(name, "")
        if not value:
            raise Refusal(400, f"Missing required parameter: {name}")
        return value

    def optional(self, name: str) -> str:
        """A text, empty when absent."""
        return self.values.get(name, "")

    def day(self, name: str) -> date:
        """A required date, yyyy-mm-dd."""
        text = self.text(name)
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise Refusal(400, f"{name} must be a date in yyyy-mm-dd format, not {text!r}")

    def dates(self) -> tuple[date, date]:
        """``from_date`` and ``to_date``, both included."""
        first, last = self.day("from_date"), self.day("to_date")
        if first > last:
            raise Refusal(400, "from_date cannot be later than to_date")
        return first, last

    def integer(self, name: str, default: int, *, least: int = 1, most: int) -> int:
        """A whole number within its bounds."""
        number = self.whole(name)
        if number is None:
            return default
        if not least <= number <= most:
            raise Refusal(400, f"{name} must be between {least} and {most}")
        return number

    def whole(self, name: str) -> int | None:
        """A whole number; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise Refusal(400, f"{name} must be an integer, not {text!r}") from None

    def boolean(self, name: str) -> bool:
        """True for ``true`` and ``1``; false for ``false``, ``0`` and when absent."""
        text = self.optional(name).lower()
        if text not in ("", "true", "1", "false", "0"):
            raise Refusal(400, f"{name} must be true or false, not {text!r}")
        return text in ("true", "1")

    def choice(
        self, name: str, default: Choice, among: Sequence[Choice] = ()
    ) -> Choice:
        """One of a few words.

        Args:
            name: The parameter.
            default: When it is absent.
            among: What is allowed; empty = the whole enumeration.
        """
        text = self.optional(name)
        allowed = among or list(type(default))
        if not text:
            return default
        for choice in allowed:
            if choice == text:
                return choice
        words = ", ".join(allowed)
        raise Refusal(400, f"{name} must be one of {words}, not {text!r}")

    def required_choice(
        self, name: str, kind: type[Choice], among: Sequence[Choice] = ()
    ) -> Choice:
        """One of a few words that must be there; see `choice`."""
        self.text(name)
        return self.choice(name, next(iter(kind)), among)

    def names(self, name: str) -> list[str]:
        """A required JSON list of texts, such as ``["a", "b"]``."""
        self.text(name)
        return self.optional_names(name)

    def optional_names(self, name: str) -> list[str]:
        """A JSON list of texts, empty when absent."""
        if not self.optional(name):
            return []
        value = self.json(name)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise Refusal(400, f"Invalid JSON Format: {name}")
        return [str(item) for item in value]

    def json(self, name: str) -> Json:
        """A JSON value; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return parse_json(text)
        except ValueError:
            # The words are Mixpanel's (michaelcarter/mixpanel-data-export-js#29).
            raise Refusal(400, f"Invalid JSON Format: {name}") from None

    def expression(self, name: str) -> Expression | None:
        """A segmentation expression; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return parse(text)
        except ExpressionError as error:
            raise Refusal(
                400, f"Unable to parse expression for {name}: {error}"
            ) from None


def flattened(values: Mapping[str, Json]) -> dict[str, str]:
    """The members of a JSON body as the texts that a form would hold."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
