"""The results of an import, and the JSON values and texts that importers share.

A credential never stays in a draft: it is offered for an environment, and forgotten if
that is declined.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.model.draft import Draft
from mixtui.model.secrets import FromVariable, Secret
from mixtui.request.forms import FormMistake, parse_form
from mixtui.request.templates import escape_text

Value: TypeAlias = "str | int | Decimal | bool | list[Value] | dict[str, Value] | None"
MAX_DEPTH = 100
"""Levels of nesting; a deeper file is rejected as broken or hostile."""
_MAX_LISTED = 3
_QUOTES = '"""'


class Template(str):
    """A value that mixtui writes for a file, with templates; any other is data."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ExtractedCredential:
    """A credential removed from an import; its repr masks the secret."""

    kind: CredentialKind
    secret: Secret | FromVariable
    """The secret itself, or the variable that stood for it (``$MP_SECRET``)."""
    username: str = ""
    """Of a service account."""

    @property
    def label(self) -> str:
        """Kind, user name and source; never the secret itself."""
        owner = f" {self.username}" if self.username else ""
        source = f", in {self.secret}" if isinstance(self.secret, FromVariable) else ""
        return f"{self.kind.label}{owner}{source}"


@dataclass(frozen=True, slots=True)
class ImportedRequest:
    """One imported request."""

    draft: Draft
    """Without credentials; with a ``project_id`` parameter, if there was one."""
    region: Region | None = None
    """Of its host; None = the import leaves it open."""
    project_id: str = ""
    """From its URL; empty = none, or a placeholder."""
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences: what could not be imported, and what was changed."""
    environment: str = ""
    """The environment whose own host it names; empty = one of Mixpanel's hosts."""


class Notes:
    """Collects notes without duplicates; iteration yields omissions first."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._omitted: dict[str, list[str]] = {}

    def add(self, sentence: str) -> None:
        """Add a sentence, once."""
        self._sentences.setdefault(sentence)

    def add_omission(self, name: str, reason: str) -> None:
        """Note a request that is left out; those with the same reason share a sentence.

        Args:
            name: Of the request.
            reason: A sentence.
        """
        self._omitted.setdefault(reason, []).append(name)

    @property
    def has_omissions(self) -> bool:
        """Whether requests are left out."""
        return bool(self._omitted)

    def __iter__(self) -> Iterator[str]:
        for reason, names in self._omitted.items():
            verb = "is" if len(names) == 1 else "are"
            yield f"{abbreviated_list(names)} {verb} left out: {reason}"
        yield from self._sentences


def abbreviated_list(names: list[str]) -> str:
    """Join the first few names: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:_MAX_LISTED])
    more = len(names) - _MAX_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A request and its folder."""

    folder: tuple[str, ...]
    """Names as in the file, the outermost first; empty = no folder."""
    imported: ImportedRequest


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Everything imported from a file."""

    title: str
    """The title that the file gives itself."""
    requests: tuple[FileRequest, ...]
    notes: tuple[str, ...] = ()
    """Sentences about the entire file; each request has its own as well."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values for an environment's variables; none of them a secret."""
    is_partial: bool = False
    """Whether requests of the file are left out; the notes say which and why."""

    @property
    def region(self) -> Region | None:
        """The region of every request; None = none is named, or they differ."""
        regions = {request.imported.region for request in self.requests}
        return regions.pop() if len(regions) == 1 else None

    @property
    def project_id(self) -> str:
        """The only project id in the requests' URLs; empty = none, or several."""
        project_ids = {request.imported.project_id for request in self.requests} - {""}
        return project_ids.pop() if len(project_ids) == 1 else ""

    @property
    def credentials(self) -> tuple[ExtractedCredential, ...]:
        """The credentials of all requests, without duplicates."""
        credentials = (
            credential
            for request in self.requests
            for credential in request.imported.credentials
        )
        return tuple(dict.fromkeys(credentials))

    def all_notes(self) -> tuple[str, ...]:
        """Return every note, with the names of the requests that share it."""
        names: dict[str, list[str]] = {}
        for request in self.requests:
            for note in request.imported.notes:
                names.setdefault(note, []).append(request.imported.draft.name)
        return (
            *self.notes,
            *(
                f"{abbreviated_list(request_names)}: {note}"
                for note, request_names in names.items()
            ),
        )


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read."""

    value: Value
    notes: tuple[str, ...] = ()
    """A sentence for each ambiguity."""


def as_mapping(value: Value) -> dict[str, Value]:
    """Return a value if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    """Return a value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def mappings_in(value: Value) -> list[dict[str, Value]]:
    """Return the objects in a list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: Value) -> str:
    """Return a value if it is text, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def texts_in(value: Value) -> list[str]:
    """Return the texts in a list."""
    return [item for item in as_list(value) if isinstance(item, str)]


def is_scalar(value: Value) -> bool:
    """Return whether a value is neither an object nor a list."""
    return not isinstance(value, dict | list)


def query_text(value: Value) -> str:
    """Write a value as it stands; objects and lists become JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return compact_json(value)


def template_text(value: Value) -> str:
    """Write a value for a row or a form of a draft, so that exactly it is sent."""
    text = query_text(value)
    return text if isinstance(value, Template | dict | list) else escape_text(text)


def compact_json(value: Value) -> str:
    """Write a value as JSON on one line, for a draft: its texts are escaped."""
    return "".join(_json_pieces(value, "", ""))


def indented_json(value: Value) -> str:
    """Write a value as indented JSON, for a draft: its texts are escaped."""
    return "".join(_json_pieces(value, "\n", "  "))


def _json_pieces(value: Value, line: str, indent: str) -> Iterator[str]:
    match value:
        case dict():
            rows = [(f"{_quoted(name)}: ", inside) for name, inside in value.items()]
            yield from _json_block("{", rows, "}", line, indent)
        case list():
            yield from _json_block(
                "[", [("", item) for item in value], "]", line, indent
            )
        case str():
            yield _quoted(value)
        case bool() | None:
            yield json.dumps(value)
        case int():
            # str() refuses integers of more than 4300 digits; Decimal does not.
            yield str(Decimal(value)) if value.bit_length() > 64 else str(value)
        case Decimal():
            yield str(value)


def _json_block(
    opener: str, rows: list[tuple[str, Value]], closer: str, line: str, indent: str
) -> Iterator[str]:
    yield opener
    inner = line + indent
    separator = "," + (inner or " ")
    for number, (name, value) in enumerate(rows):
        yield separator if number else inner
        yield name
        yield from _json_pieces(value, inner, indent)
    if rows:
        yield line
    yield closer


def _quoted(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted if isinstance(value, Template) else escape_text(quoted)


def form_text(fields: Iterable[tuple[str, str]]) -> str:
    """Write ``name=value`` lines; values of several lines stand in triple quotes."""
    return "\n".join(_field(name, value) for name, value in fields)


def exact_form_text(fields: Iterable[tuple[str, str]]) -> str | None:
    """Do the same as `form_text`; None = the lines would not parse to the same fields."""
    fields = tuple(fields)
    text = form_text(fields)
    try:
        return text if parse_form(text) == fields else None
    except FormMistake:
        return None


def _field(name: str, value: str) -> str:
    if "\n" not in value and not value.startswith(_QUOTES) and "\r" not in value:
        return f"{name}={value}"
    return f"{name}={_QUOTES}\n{value}\n{_QUOTES}"
