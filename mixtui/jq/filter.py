"""The results of a jq filter, and its errors as sentences.

The language is jq's; its own messages are meant for people who know its parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mixtui.model.errors import FilterError
from mixtui.text import pluralise, sanitize_excerpt

_LONGEST = 300
"""The maximum length of a message: it may quote the body."""
_PLACE = re.compile(r" at <top-level>(?:, line (\d+)(?:, column (\d+))?)?")
_FIRST = re.compile(r"jq: error: (.*?)(?=\n|$)")
_UNDEFINED = re.compile(r"(\$?[\w:]+)(?:/(\d+))? is not defined")
_UNEXPECTED = re.compile(r"syntax error, unexpected ([^,]+|',')")
_UNTERMINATED = re.compile(r"Possibly unterminated '(\w+)' statement")
_BODY_PLACE = re.compile(r"(?: at EOF)? at line (\d+), column (\d+)$")
_ENDS = {"if": "end", "try": "body", "foreach": "(…)", "reduce": "(…)"}


@dataclass(frozen=True, slots=True)
class Filtered:
    """The results of a filter."""

    output: bytes | Path
    """One JSON text per line; if large, a file that the caller must remove."""
    count: int
    """The number of results, one per line."""
    notice: str = ""
    """A sentence about missing results; empty if there are none."""

    @property
    def media_type(self) -> str:
        """Return the media type of the output: one list or object, or JSON lines."""
        if self.count == 1 and not (
            isinstance(self.output, bytes) and self.output[:1] not in (b"{", b"[")
        ):
            return "application/json"
        # Also for a single 1 or 0: here it is not one of Mixpanel's meaningful
        # responses.
        return "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Failure:
    """The first record for which a filter failed."""

    position: int
    """The line or document number, from 1."""
    message: str
    """jq's message."""
    is_json: bool = True
    """False = the record itself is invalid."""


def compile_error(message: str, program: str) -> FilterError:
    """Convert jq's compile error into a sentence with a position.

    Args:
        message: jq's output: several lines with an ASCII pointer.
        program: The program as typed.
    """
    first = _FIRST.search(message)
    reason = first.group(1) if first else message.strip()
    match = _PLACE.search(reason)
    line = int(match.group(1)) if match and match.group(1) else None
    column = int(match.group(2)) if match and match.group(2) else None
    text = program.split("\n")[line - 1] if line else ""
    if column is not None:
        # jq counts bytes, and reports where the last token it read began.
        column = len(text.encode()[: column - 1].decode("utf-8", "replace")) + 1
    if match:
        reason = reason[: match.start()]
    if line and reason.startswith("syntax error, unexpected end of file"):
        # The error is at the end, wherever jq stopped reading.
        column = len(text) + 1
    sentence = _compile_message(reason, message, text[(column or 1) - 1 :])
    where = _where(program, line, column)
    return FilterError(f"{sentence}{where}.", line, column)


def run_error(failure: Failure, records: int, in_lines: bool) -> FilterError:
    """Return why a filter has no results."""
    return FilterError(f"{_failure_message(failure, records, in_lines)}.")


def notice(
    failure: Failure | None,
    failures: int,
    records: int,
    in_lines: bool,
    more: tuple[str, ...] = (),
) -> str:
    """Return a notice about results that are incomplete."""
    sentences = list(more)
    if failure is not None:
        text = _failure_message(failure, records, in_lines)
        if in_lines and failures > 1:
            many = f"{failures:,} of {pluralise(records, 'line')} failed; the first: "
            text = many + text
        sentences.append(f"{text}.")
    return " ".join(sentences)


def _compile_message(text: str, message: str, rest: str) -> str:
    if text.startswith("Top-level program not given"):
        return "The filter does not say what to show: «.» is everything"
    if text.startswith("module not found"):
        return "A filter cannot import modules here"
    if match := _UNDEFINED.search(text):
        name, count = match.group(1), match.group(2)
        if name.startswith("$"):
            return f"There is no variable {name}"
        behind = f" with {pluralise(int(count), 'argument')}" if count != "0" else ""
        return f"There is no function {name}{behind}"
    if match := _UNTERMINATED.search(message):
        name = match.group(1)
        return f"The «{name}» has no «{_ENDS.get(name, 'end')}»"
    if "unexpected end of file" in text:
        return "The filter ends too early"
    if match := _UNEXPECTED.search(text):
        token = re.match(r"[\w$]+|\S", rest)
        what = token.group() if token else match.group(1).strip("'")
        return f"«{sanitize_excerpt(what, 30)}» does not belong here"
    plain = sanitize_excerpt(text, _LONGEST).rstrip(":. ")
    return f"jq does not take this filter ({plain})"


def _where(program: str, line: int | None, column: int | None) -> str:
    if line is None:
        return ""
    if "\n" in program.rstrip("\n"):
        return f" (line {line}, column {column})" if column else f" (line {line})"
    return f" (column {column})" if column else ""


def _failure_message(failure: Failure, records: int, in_lines: bool) -> str:
    where = ""
    if in_lines:
        where = f" (line {failure.position:,})"
    elif records > 1:
        where = f" (document {failure.position:,})"
    if failure.is_json:
        return f"{_run_message(failure.message)}{where}"
    text = failure.message.removeprefix("parse error: ")
    match = _BODY_PLACE.search(text)
    plain = sanitize_excerpt(_BODY_PLACE.sub("", text), _LONGEST)
    if in_lines:
        return f"Line {failure.position:,} is not JSON ({plain})"
    position = f" at line {match.group(1)}, column {match.group(2)}" if match else ""
    return f"The body stops being JSON{position} ({plain})"


def _run_message(text: str) -> str:
    if text == "break":
        return (
            "There is nothing for «input» to read: a filter sees one record at a time"
        )
    return (
        sanitize_excerpt(text, _LONGEST).rstrip(".")
        or "The filter failed without a word"
    )
