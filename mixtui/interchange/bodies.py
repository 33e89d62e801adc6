"""Convert the body of an imported request."""

from __future__ import annotations

from msgspec import Struct

from mixtui import jsontext
from mixtui.interchange.urls import query_rows
from mixtui.model.draft import Body, BodyType, Draft, Pair
from mixtui.request.body import CONTENT_TYPES
from mixtui.request.forms import exact_form_text
from mixtui.request.templates import mask_templates

_BODY_TYPES = {
    "application/json": BodyType.JSON,
    "application/x-ndjson": BodyType.NDJSON,
    "application/ndjson": BodyType.NDJSON,
    "application/jsonl": BodyType.NDJSON,
    "application/x-www-form-urlencoded": BodyType.FORM,
    "text/csv": BodyType.CSV,
}


class ImportedBody(Struct, frozen=True):
    """A body, and the headers that go with it."""

    body: Body | None
    headers: tuple[Pair, ...]
    notes: tuple[str, ...] = ()


def import_body(
    text: str, headers: tuple[Pair, ...], *, default: str = ""
) -> ImportedBody:
    """Convert a text to a body.

    Args:
        text: As it would go on the wire.
        headers: Those of the request; a content type that the app sets by itself is removed.
        default: The content type that the other program would have sent without a header.
    """
    if not text.strip():
        notes = ("A body of spaces is not sent.",) if text else ()
        return ImportedBody(None, headers, notes)
    declared = content_type(headers)
    essence = (declared or default).partition(";")[0].strip().lower()
    type_ = _BODY_TYPES.get(essence)
    if type_ is None and essence.endswith("+json"):
        type_ = BodyType.JSON
    if not declared and _is_json(text):
        notes = (
            "The body is JSON without a content type: it is sent as application/json.",
        )
        return ImportedBody(Body(BodyType.JSON, text), headers, notes)
    if type_ is BodyType.FORM:
        form = _form_lines(text)
        if form is None:
            return _text_body(text, headers, declared or default)
        return ImportedBody(
            Body(BodyType.FORM, form), without_content_type(headers, BodyType.FORM)
        )
    if type_ is None:
        return _text_body(text, headers, declared or default)
    return ImportedBody(Body(type_, text), without_content_type(headers, type_))


def body_notes(draft: Draft) -> tuple[str, ...]:
    """Return notes if a body is not sent, or is not what its type says."""
    body, mistake = draft.body, None
    if body is None:
        return ()
    if body.type is BodyType.JSON:
        mistake = jsontext.check(mask_templates(body.text))
    elif body.type is BodyType.NDJSON:
        mistake = jsontext.check_lines(mask_templates(body.text))
    notes = [] if mistake is None else [f"The body is not JSON: {mistake}."]
    if not draft.sends_body:
        notes.append(
            f"mixtui does not send a body with {draft.method}; it is kept, but not "
            "sent."
        )
    return tuple(notes)


def content_type(headers: tuple[Pair, ...]) -> str:
    """Return the content type of the headers; empty = none."""
    return next((h.value for h in headers if h.name.lower() == "content-type"), "")


def without_content_type(
    headers: tuple[Pair, ...], type_: BodyType
) -> tuple[Pair, ...]:
    """Return the headers without the content type that the body type implies."""
    implied = CONTENT_TYPES[type_]
    return tuple(
        h
        for h in headers
        if h.name.lower() != "content-type" or h.value.strip().lower() != implied
    )


def _text_body(text: str, headers: tuple[Pair, ...], type_: str) -> ImportedBody:
    if type_ and not content_type(headers):
        headers = (*headers, Pair("Content-Type", type_))
    headers = without_content_type(headers, BodyType.TEXT)
    return ImportedBody(Body(BodyType.TEXT, text), headers)


def _is_json(text: str) -> bool:
    masked = mask_templates(text)
    return jsontext.first_character(text) in ("{", "[") and not jsontext.check(masked)


def _form_lines(text: str) -> str | None:
    """Return the fields as lines; None = lines would not be sent the same."""
    rows = query_rows(text.strip())
    if rows is None:
        return None
    return exact_form_text((row.name, row.value) for row in rows)
