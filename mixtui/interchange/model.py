"""What an import found: a draft without credentials, and those beside it.

A credential never stays in the draft: it is offered for an environment, and otherwise
forgotten.
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


@dataclass(frozen=True, slots=True)
class ExtractedCredential:
    """A credential that stood in what was imported; its repr masks it."""

    kind: CredentialKind
    secret: Secret | FromVariable
    """The text itself, or the variable that the text named (``$MP_SECRET``)."""
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
    """The one its host belongs to; None = it named none."""
    project_id: str = ""
    """As its URL names it; empty = it names none, or a placeholder."""
    credentials: tuple[ExtractedCredential, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences: what could not be taken over, and what was changed."""
    environment: str = ""
    """The environment whose own host it names; empty = one of Mixpanel's hosts."""


_MAX_LISTED = 3


class Notes:
    """What is left out, then sentences in the order in which they came."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._omitted: dict[str, list[str]] = {}

    def add(self, sentence: str) -> None:
        """Add a sentence, once."""
        self._sentences.setdefault(sentence)

    def add_omission(self, name: str, reason: str) -> None:
        """Say that a request is left out; what is for the same reason is said once.

        Args:
            name: Of the request.
            reason: A sentence.
        """
        self._omitted.setdefault(reason, []).append(name)

    def __iter__(self) -> Iterator[str]:
        for reason, names in self._omitted.items():
            are = "is" if len(names) == 1 else "are"
            yield f"{abbreviated_list(names)} {are} left out: {reason}"
        yield from self._sentences


def abbreviated_list(names: list[str]) -> str:
    """The first few names of many: ``a, b, c and 4 more``."""
    shown = ", ".join(names[:_MAX_LISTED])
    more = len(names) - _MAX_LISTED
    return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True, slots=True)
class FileRequest:
    """One request, and the folder it belongs into."""

    folder: tuple[str, ...]
    """Names as the file has them, the outermost first; empty = none."""
    imported: ImportedRequest


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Everything imported from a file."""

    title: str
    """What the file calls itself."""
    requests: tuple[FileRequest, ...]
    notes: tuple[str, ...] = ()
    """Sentences about the file as a whole; each request has its own besides."""
    variables: tuple[tuple[str, str], ...] = ()
    """Names and values for an environment's variables; none of them a secret."""

    @property
    def region(self) -> Region | None:
        """The one that every request names; None = none does, or they differ."""
        regions = {placed.imported.region for placed in self.requests}
        return regions.pop() if len(regions) == 1 else None

    @property
    def project_id(self) -> str:
        """The only one that URLs name; empty = none, or several."""
        project_ids = {placed.imported.project_id for placed in self.requests} - {""}
        return project_ids.pop() if len(project_ids) == 1 else ""

    @property
    def credentials(self) -> tuple[ExtractedCredential, ...]:
        """Every credential that was found, each once."""
        credentials = (
            one for placed in self.requests for one in placed.imported.credentials
        )
        return tuple(dict.fromkeys(credentials))

    def all_notes(self) -> tuple[str, ...]:
        """Every note, those of a request with its name; what several say, said once."""
        names: dict[str, list[str]] = {}
        for placed in self.requests:
            for note in placed.imported.notes:
                names.setdefault(note, []).append(placed.imported.draft.name)
        return (
            *self.notes,
            *(f"{abbreviated_list(of)}: {note}" for note, of in names.items()),
        )


Value: TypeAlias = "str | int | Decimal | bool | list[Value] | dict[str, Value] | None"

MAX_DEPTH = 100
"""Levels of nesting that are read; more is a mistake, or malice."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file that was read."""

    value: Value
    notes: tuple[str, ...] = ()
    """A sentence for each thing that is not clear in it."""


def as_mapping(value: Value) -> dict[str, Value]:
    """The value if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    """The value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def mappings_in(value: Value) -> list[dict[str, Value]]:
    """The objects in a list."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def as_text(value: Value) -> str:
    """The value if it is text, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def texts_in(value: Value) -> list[str]:
    """The texts in a list."""
    return [item for item in as_list(value) if isinstance(item, str)]


def is_scalar(value: Value) -> bool:
    """Whether it is neither an object nor a list."""
    return not isinstance(value, dict | list)


def query_text(value: Value) -> str:
    """A value as it stands in a query or a form; objects and lists as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case _:
            return compact_json(value)


def compact_json(value: Value) -> str:
    """JSON on one line."""
    return "".join(_json_pieces(value, "", ""))


def indented_json(value: Value) -> str:
    """JSON as people read it."""
    return "".join(_json_pieces(value, "\n", "  "))


def _json_pieces(value: Value, line: str, indent: str) -> Iterator[str]:
    match value:
        case dict():
            rows = [(f"{_quoted(name)}: ", inside) for name, inside in value.items()]
            yield from _json_block("{", rows, "}", line, indent)
        case list():
            yield from _json_block("[", [("", one) for one in value], "]", line, indent)
        case str():
            yield _quoted(value)
        case bool() | None:
            yield json.dumps(value)
        case int():
            # Decimal writes numbers longer than int() may print.
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
    return json.dumps(value, ensure_ascii=False)


_QUOTES = '"""'


def form_text(fields: Iterable[tuple[str, str]]) -> str:
    """``name=value`` lines; values of several lines between triple quotes."""
    return "\n".join(_field(name, value) for name, value in fields)


def exact_form_text(fields: Iterable[tuple[str, str]]) -> str | None:
    """The same, or None where mixtui's form cannot hold them exactly."""
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
