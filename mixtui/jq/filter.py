"""The results of a jq filter, and its errors as readable messages.

jq's own messages are meant for people who know its parser.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from mixtui.model.errors import ExitStatus, FilterError
from mixtui.patterns import compile_late
from mixtui.text import pluralise, sanitize_excerpt

_MAX_EXCERPT_LENGTH = 300
"""Characters of jq's message, which may quote the body."""
_PROGRAM_POSITION = compile_late(r" at <top-level>(?:, line (\d+)(?:, column (\d+))?)?")
_LAST_WORD = compile_late(r'[^\s"]*\Z')
_FIRST_ERROR = compile_late(r"jq: error: (.*?)(?=\n|$)")
_UNDEFINED = compile_late(r"(\$?[\w:]+)(?:/(\d+))? is not defined")
_UNEXPECTED = compile_late(r"syntax error, unexpected ([^,]+|',')")
_UNTERMINATED = compile_late(r"Possibly unterminated '(\w+)' statement")
_CUT_VALUE = compile_late(r"\b(string|array|object) \(.*?\.\.\.[\"\]}]*\)", re.DOTALL)
"""A value in jq's message of which only the beginning is quoted."""
_BODY_POSITION = compile_late(r"(?: at EOF)? at line (\d+), column (\d+)$")
_CLOSING_KEYWORDS = {"if": "end", "try": "body", "foreach": "(…)", "reduce": "(…)"}


class FilterResult(Struct, frozen=True):
    """The results of a filter."""

    output: bytes | Path
    """One JSON value per line; if large, in a file that the caller must remove."""
    count: int
    """Results, one per line."""
    notice: str = ""
    """A message about missing results; empty = none are missing."""
    exit_status: int = ExitStatus.ACCEPTED
    """`USAGE` = the program failed on some records; `NO_RESPONSE` = some are damaged, or
    results beyond the limit are missing.
    """

    @property
    def media_type(self) -> str:
        """The media type of the output: a single list or object, or JSON lines."""
        if self.count == 1 and not (
            isinstance(self.output, bytes) and self.output[:1] not in (b"{", b"[")
        ):
            return "application/json"
        # A single 1 or 0 is a result, not Mixpanel's bare response of success or failure.
        return "application/x-ndjson"


class RecordFailure(Struct, frozen=True):
    """The first record for which a filter failed."""

    position: int
    """Number of the line or document, from 1."""
    message: str
    """jq's message."""
    is_json: bool = True
    """False = the record itself is invalid."""


def compile_error(message: str, program: str) -> FilterError:
    """Convert jq's compile error into a message with a position.

    Args:
        message: jq's output: several lines with an ASCII pointer.
        program: The program as typed.
    """
    first_error = _FIRST_ERROR.search(message)
    reason = first_error.group(1) if first_error else message.strip()
    match = _PROGRAM_POSITION.search(reason)
    line = int(match.group(1)) if match and match.group(1) else None
    column = int(match.group(2)) if match and match.group(2) else None
    lines = program.split("\n")
    if line is not None and line > len(lines):
        line = column = None  # In what the program is put into.
    line_text = lines[line - 1] if line else ""
    if column is not None:
        # jq counts bytes, and reports the start of the last token that it read.
        column = len(line_text.encode()[: column - 1].decode("utf-8", "replace")) + 1
    if match:
        reason = reason[: match.start()]
    if line and reason.startswith("syntax error, unexpected end of file"):
        # The error is at the end, wherever jq stopped reading.
        column = len(line_text) + 1
    explanation = _compile_message(reason, message, line_text[(column or 1) - 1 :])
    position_suffix = _position_suffix(program, line, column)
    return FilterError(f"{explanation}{position_suffix}.", line, column)


def run_error(failure: RecordFailure, records: int, in_lines: bool) -> FilterError:
    """Return the error of a filter that has no results."""
    return FilterError(f"{_failure_message(failure, records, in_lines)}.")


def incomplete_notice(
    failure: RecordFailure | None,
    failures: int,
    records: int,
    in_lines: bool,
    other_notices: tuple[str, ...] = (),
) -> str:
    """Return a notice about incomplete results; empty = they are complete."""
    sentences = list(other_notices)
    if failure is not None:
        explanation = _failure_message(failure, records, in_lines)
        if in_lines and failures > 1:
            failure_count = (
                f"{failures:,} of {pluralise(records, 'line')} failed; the first: "
            )
            explanation = failure_count + explanation
        sentences.append(f"{explanation}.")
    return " ".join(sentences)


def _compile_message(reason: str, message: str, rest: str) -> str:
    if reason.startswith("Top-level program not given"):
        return "The filter has no output: use `.` for the whole value"
    if reason.startswith("module not found"):
        return "Filters cannot import modules"
    if match := _UNDEFINED.search(reason):
        name, count = match.group(1), match.group(2)
        if name.startswith("$"):
            return f"The variable {name} is not defined"
        arguments = f" with {pluralise(int(count), 'argument')}" if count != "0" else ""
        return f"The function {name}{arguments} is not defined"
    if match := _UNTERMINATED.search(message):
        name = match.group(1)
        return f"`{name}` has no matching `{_CLOSING_KEYWORDS.get(name, 'end')}`"
    if "unexpected end of file" in reason:
        return "The filter is incomplete"
    if match := _UNEXPECTED.search(reason):
        token = re.match(r"[\w$]+|\S", rest)
        unexpected = token.group() if token else match.group(1).strip("'")
        return f"Unexpected `{sanitize_excerpt(unexpected, 30)}`"
    excerpt = sanitize_excerpt(reason, _MAX_EXCERPT_LENGTH).rstrip(":. ")
    return f"jq rejected the filter ({excerpt})"


def _position_suffix(program: str, line: int | None, column: int | None) -> str:
    if line is None:
        return ""
    if "\n" in program.rstrip("\n"):
        return f" (line {line}, column {column})" if column else f" (line {line})"
    return f" (column {column})" if column else ""


def _failure_message(failure: RecordFailure, records: int, in_lines: bool) -> str:
    json_position = ""
    if in_lines:
        json_position = f" (line {failure.position:,})"
    elif records > 1:
        json_position = f" (document {failure.position:,})"
    if failure.is_json:
        return f"{_run_message(failure.message)}{json_position}"
    text = failure.message.removeprefix("parse error: ")
    match = _BODY_POSITION.search(text)
    excerpt = sanitize_excerpt(_BODY_POSITION.sub("", text), _MAX_EXCERPT_LENGTH)
    if in_lines:
        return f"Line {failure.position:,} is not JSON ({excerpt})"
    json_position = (
        f" at line {match.group(1)}, column {match.group(2)}" if match else ""
    )
    return f"The body is not valid JSON{json_position} ({excerpt})"


def _run_message(text: str) -> str:
    if text == "break":
        return "`input` has nothing to read: a filter sees one record at a time"
    # A secret that jq has cut in two is found by no redactor.
    text = _CUT_VALUE.sub(r"\1", text)
    if len(text) > _MAX_EXCERPT_LENGTH:
        text = f"{_LAST_WORD.sub('', text[: _MAX_EXCERPT_LENGTH - 1])}…"
    return (
        sanitize_excerpt(text, _MAX_EXCERPT_LENGTH).rstrip(".")
        or "The filter failed without a message"
    )
