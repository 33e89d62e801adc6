"""Check a body, add what it lacks, and encode it for sending."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from mixtui import jsontext
from mixtui.key_names import key_of
from mixtui.mixpanel.endpoints import Endpoint, TokenPlace
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import FileContent
from mixtui.patterns import compile_late
from mixtui.request.event_ids import add_insert_ids, inject_token
from mixtui.request.forms import FormMistake, encode_form, parse_form
from mixtui.request.record_data import DATA, read_data
from mixtui.text import pluralise

CONTENT_TYPES = {
    BodyType.JSON: "application/json",
    BodyType.NDJSON: "application/x-ndjson",
    BodyType.FORM: "application/x-www-form-urlencoded",
    BodyType.CSV: "text/csv",
    BodyType.TEXT: "text/plain; charset=utf-8",
}
_FILE_TYPES = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".csv": "text/csv",
    ".txt": "text/plain; charset=utf-8",
}


class EncodedBody(Struct, frozen=True):
    """A body that is ready to be sent."""

    content: bytes | FileContent | None
    content_type: str
    """Empty if there is no content."""
    notices: tuple[str, ...] = ()


class BodyCheck(Struct, frozen=True):
    """The result of checking a body while it is typed."""

    ok: bool
    message: str
    """One line, such as "Valid JSON, 3 records"; empty = nothing to report."""
    line: int | None = None
    """Of the mistake, from 1."""
    column: int | None = None


class BodyAdditions(Struct, frozen=True):
    """What the app adds to a body."""

    token: str = ""
    """The project token, or empty."""
    token_place: TokenPlace = TokenPlace.NONE
    token_required: bool = True
    """Refuse a record without a token if there is none to add."""
    form: tuple[tuple[str, str], ...] = ()
    """Fields for a form that lacks them."""
    environment: str = ""
    """Name of the environment, for messages."""
    insert_ids: str | None = None
    """Add missing ``$insert_id`` values, generated for this project; None = do not."""


_FORM_LINE = compile_late(r"[^\s=,{}\[\]\"']+=.*")
_GUESSED_LINES = 20
"""A longer text is recognised by its first lines."""


def guess_body_type(text: str) -> BodyType:
    """Return the type of body that a text looks like."""
    lines = [line.strip() for line in text.split("\n", _GUESSED_LINES)]
    lines = [line for line in lines[:_GUESSED_LINES] if line]
    if not lines:
        return BodyType.TEXT
    if lines[0][0] in "{[":
        is_lines = len(lines) > 1 and not any(map(jsontext.check, lines[:2]))
        return BodyType.NDJSON if is_lines else BodyType.JSON
    if all(map(_FORM_LINE.fullmatch, lines)):
        return BodyType.FORM
    if len(lines) > 1 and 0 < lines[0].count(",") <= lines[1].count(","):
        return BodyType.CSV
    return BodyType.TEXT


def check_body(body: Body, list_body: bool = False) -> BodyCheck:
    """Check that a body fits its type; its templates must have been filled."""
    text = body.text
    if body.type is BodyType.FILE or not text.strip():
        return BodyCheck(True, "")
    match body.type:
        case BodyType.JSON:
            mistake = jsontext.check(text)
            if mistake is None:
                return BodyCheck(True, _json_summary(text, list_body))
        case BodyType.NDJSON:
            mistake = jsontext.check_lines(text)
            if mistake is None:
                lines = sum(1 for line in text.split("\n") if line.strip())
                return BodyCheck(
                    True, f"Valid JSON lines, {pluralise(lines, 'record')}"
                )
        case BodyType.FORM:
            try:
                fields = parse_form(text)
            except FormMistake as error:
                mistake = error.mistake
            else:
                return BodyCheck(True, pluralise(len(fields), "field"))
        case _:
            return BodyCheck(True, "")
    return BodyCheck(False, str(mistake), mistake.line, mistake.column)


def encode_body(
    body: Body, endpoint: Endpoint, additions: BodyAdditions, folder: Path | None
) -> EncodedBody:
    """Encode a body whose templates are filled.

    Args:
        body: The body.
        endpoint: What the path accepts (a list, a token).
        additions: What the app adds.
        folder: What a relative file path is relative to.

    Raises:
        DraftError: The text does not fit its type, or the file cannot be read.
        CredentialError: A record needs a token and there is none.
    """
    if body.type is BodyType.FILE:
        return _encode_file(body, folder)
    encoder = _ENCODERS.get(body.type, _encode_text)
    try:
        text, notices = encoder(body, endpoint, additions)
    except RecursionError:
        raise DraftError(Field.BODY, "The body is nested too deeply.") from None
    if additions.form and body.type is not BodyType.FORM and text.strip():
        names = ", ".join(name for name, _ in additions.form)
        notices = (
            *notices,
            f"{endpoint.title} expects a form: {names} was not added to this body.",
        )
    if not text.strip():
        return EncodedBody(None, "")
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise DraftError(
            Field.BODY,
            f"Character {error.start + 1} of the body is half a surrogate pair: "
            "delete it.",
        ) from None
    return EncodedBody(content, CONTENT_TYPES[body.type], notices)


_TextAndNotices = tuple[str, tuple[str, ...]]


def _encode_json(
    body: Body, endpoint: Endpoint, additions: BodyAdditions
) -> _TextAndNotices:
    text, notices = body.text, []
    if not text.strip():
        return "", ()
    if mistake := jsontext.check(text):
        raise DraftError(Field.BODY, f"The body is not JSON: {mistake}.")
    if endpoint.list_body and jsontext.first_character(text) == "{":
        text = f"[{text.strip()}]"
        notices.append(f"{endpoint.title} expects a list: the object is sent as [ … ].")
    text, added = _complete_records(text, additions)
    return text, (*notices, *added)


def _encode_ndjson(
    body: Body, endpoint: Endpoint, additions: BodyAdditions
) -> _TextAndNotices:
    if mistake := jsontext.check_lines(body.text):
        raise DraftError(Field.BODY, f"The body is not JSON lines: {mistake}.")
    lines = [line.strip() for line in body.text.split("\n") if line.strip()]
    # One pass over all records, so that messages number them throughout.
    text, notices = _complete_records(f"[{','.join(lines)}]", additions)
    if not notices:
        return "\n".join(lines) + "\n" if lines else "", ()
    records = jsontext.records(text)
    return "\n".join(text[r.start : r.end] for r in records) + "\n", notices


def _encode_form(
    body: Body, endpoint: Endpoint, additions: BodyAdditions
) -> _TextAndNotices:
    try:
        fields = parse_form(body.text)
    except FormMistake as error:
        raise DraftError(Field.BODY, f"The form is incomplete: {error}.") from None
    fields, notices = _complete_data(fields, additions)
    names = {name for name, _ in fields}
    for name, value in additions.form:
        if name not in names:
            fields += ((name, value),)
            notices.append(f"The form field {name} was added.")
    return encode_form(fields), tuple(notices)


def _encode_text(
    body: Body, endpoint: Endpoint, additions: BodyAdditions
) -> _TextAndNotices:
    return body.text, ()


_ENCODERS: dict[
    BodyType, Callable[[Body, Endpoint, BodyAdditions], _TextAndNotices]
] = {
    BodyType.JSON: _encode_json,
    BodyType.NDJSON: _encode_ndjson,
    BodyType.FORM: _encode_form,
}


def _complete_records(text: str, additions: BodyAdditions) -> _TextAndNotices:
    """Add missing ids and tokens to the records of a valid JSON text."""
    notices: tuple[str, ...] = ()
    if additions.insert_ids is not None:
        completed = add_insert_ids(text, additions.insert_ids)
        text = completed.text
        if completed.added:
            notices = (
                f"$insert_id added to {completed.added} of "
                f"{pluralise(completed.total, 'event')}, made from the content: "
                "Mixpanel counts resent events once.",
            )
    text, token_notices = _inject_token(text, additions)
    return text, (*notices, *token_notices)


def _inject_token(text: str, additions: BodyAdditions) -> _TextAndNotices:
    if not additions.token_place.is_in_records:
        return text, ()
    injected = inject_token(text, additions.token, additions.token_place)
    name = additions.token_place.record_field
    # A $merge event is authenticated by other means; its token is optional.
    optional = additions.token_place is TokenPlace.MERGE_EVENTS
    if injected.first_without and additions.token_required and not optional:
        raise CredentialError(
            f"Record {injected.first_without} has no {name}, and the environment "
            f"{additions.environment} has no project token: press "
            f"{key_of('environments')} to add one, or set {name} in the body."
        )
    if not injected.added:
        return text, ()
    return injected.text, (
        f"The project token was added as {name} to {injected.added} of "
        f"{pluralise(injected.total, 'record')}.",
    )


def _complete_data(
    fields: tuple[tuple[str, str], ...], additions: BodyAdditions
) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Add missing ids and tokens to the records in ``data``."""
    notices: list[str] = []
    completed: list[tuple[str, str]] = []
    for name, value in fields:
        data = read_data(value) if name == DATA else None
        if data is not None:
            text, added = _complete_records(data.text, additions)
            notices += added
            value = data.encode(text) if added else value
        completed.append((name, value))
    return tuple(completed), notices


def body_file_path(body: Body, folder: Path | None) -> Path:
    """Return the path of the file that a body is streamed from."""
    return (folder or Path()) / Path(os.path.expanduser(body.path))


def _encode_file(body: Body, folder: Path | None) -> EncodedBody:
    if not body.path:
        raise DraftError(Field.BODY, "No file selected: enter its path.")
    path = body_file_path(body, folder)
    try:
        if not path.is_file():
            reason = not_a_file_reason(path)
            raise DraftError(Field.BODY, f"{path} cannot be sent: it {reason}.")
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        raise DraftError(
            Field.BODY, f"{path} cannot be read: {error.strerror}."
        ) from None
    notice = "The file is sent byte for byte: mixtui adds nothing to its records."
    return EncodedBody(FileContent(path, size), content_type(body), (notice,))


def not_a_file_reason(path: Path) -> str:
    """Return why a path cannot be sent as a file, to follow the path."""
    if path.is_dir():
        return "is a folder"
    if path.exists():
        return "is a device or a pipe, not a file"
    return "does not exist"


def content_type(body: Body) -> str:
    """Return the content type that a body is sent with."""
    if body.type is not BodyType.FILE:
        return CONTENT_TYPES[body.type]
    suffix = Path(body.path).suffix.lower()
    return _FILE_TYPES.get(suffix, "application/octet-stream")


def _json_summary(text: str, list_body: bool) -> str:
    match jsontext.first_character(text):
        case "[":
            total = sum(1 for _ in jsontext.records(text))
            return f"Valid JSON, {pluralise(total, 'record')}"
        case "{" if list_body:
            return "Valid JSON, 1 record; sent as a list"
        case _:
            return "Valid JSON"
