"""The body of an imported request: its type by its content type, its text as typed."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core import json_text
from mixtui.core.bodies import CONTENT_TYPES
from mixtui.core.requests import Body, BodyType, Pair
from mixtui.interchange.form_text import written
from mixtui.interchange.urls import query_rows

_TYPES = {
    "application/json": BodyType.JSON,
    "application/x-ndjson": BodyType.NDJSON,
    "application/ndjson": BodyType.NDJSON,
    "application/jsonl": BodyType.NDJSON,
    "application/x-www-form-urlencoded": BodyType.FORM,
    "text/csv": BodyType.CSV,
}
_FORM = CONTENT_TYPES[BodyType.FORM]


@dataclass(frozen=True, slots=True)
class BodyFound:
    """A body, and the headers that go with it."""

    body: Body | None
    headers: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def body_found(text: str, headers: tuple[Pair, ...], *, default: str = "") -> BodyFound:
    """A text as a body.

    Args:
        text: As it would go on the wire.
        headers: Those of the request; a content type that the app sets anyway goes.
        default: The content type where no header names one, if that was nobody's
            choice but a program's.
    """
    if not text.strip():
        return BodyFound(None, headers)
    named = content_type(headers)
    essence = (named or default).partition(";")[0].strip().lower()
    type_ = _TYPES.get(essence)
    if type_ is None and essence.endswith("+json"):
        type_ = BodyType.JSON
    if not named and _is_json(text):
        notes = (
            "The body is JSON without a content type: it is sent as application/json.",
        )
        return BodyFound(Body(BodyType.JSON, text), headers, notes)
    if type_ is BodyType.FORM:
        form = _form(text)
        if form is None:
            return _as_text(text, headers, named or default)
        return BodyFound(
            Body(BodyType.FORM, form), without_content_type(headers, BodyType.FORM)
        )
    if type_ is None:
        return _as_text(text, headers, named or default)
    return BodyFound(Body(type_, text), without_content_type(headers, type_))


def content_type(headers: tuple[Pair, ...]) -> str:
    """The content type that the headers name, or an empty text."""
    return next((h.value for h in headers if h.name.lower() == "content-type"), "")


def without_content_type(
    headers: tuple[Pair, ...], type_: BodyType
) -> tuple[Pair, ...]:
    """The headers without the content type that a body of this type gets anyway."""
    own = CONTENT_TYPES[type_]
    return tuple(
        h
        for h in headers
        if h.name.lower() != "content-type" or h.value.strip().lower() != own
    )


def _as_text(text: str, headers: tuple[Pair, ...], type_: str) -> BodyFound:
    if type_ and not content_type(headers):
        headers = (*headers, Pair("Content-Type", type_))
    headers = without_content_type(headers, BodyType.TEXT)
    return BodyFound(Body(BodyType.TEXT, text), headers)


def _is_json(text: str) -> bool:
    return json_text.first_character(text) in ("{", "[") and not json_text.check(text)


def _form(text: str) -> str | None:
    """The fields as lines, or None where those would not be sent the same."""
    rows = query_rows(text.strip())
    if rows is None:
        return None
    return written((row.name, row.value) for row in rows)
