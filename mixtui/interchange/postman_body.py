"""The body of a Postman request."""

from __future__ import annotations

import json

from mixtui.core.bodies import CONTENT_TYPES
from mixtui.core.requests import Body, BodyType, Pair
from mixtui.interchange.form_text import form_text, written
from mixtui.interchange.notes import Notes
from mixtui.interchange.openapi_bodies import body_type
from mixtui.interchange.values import Value, items, mapping, mappings, plain, text


def body(
    node: Value, headers: tuple[Pair, ...], notes: Notes
) -> tuple[Body | None, tuple[Pair, ...]]:
    """The body, and the headers without a content type that says the same."""
    found = _body(mapping(node), _content_type(headers), notes)
    if found is None:
        return None, headers
    if found.type is BodyType.FILE:
        return found, headers
    own = CONTENT_TYPES[found.type].partition(";")[0]
    kept = tuple(
        row
        for row in headers
        if row.name.lower() != "content-type" or _base(row.value) != own
    )
    return found, kept


def _body(node: dict[str, Value], content_type: str, notes: Notes) -> Body | None:
    mode = text(node.get("mode"))
    if not mode:
        return None
    if node.get("disabled") is True:
        notes.add("Its body is switched off in Postman and is left out.")
        return None
    match mode:
        case "raw":
            return _raw(node, content_type)
        case "urlencoded":
            return _form(node, notes) if items(node.get("urlencoded")) else None
        case "file":
            source = node.get("file")
            path = text(source) or text(mapping(source).get("src"))
            notes.add(
                f"Its body is the file {path or '(none is named)'}, which is not part "
                "of the collection."
            )
            return Body(BodyType.FILE, path=path)
        case "formdata":
            # Postman keeps an empty list where there is no body.
            if parts := mappings(node.get("formdata")):
                names = ", ".join(plain(part.get("key")) for part in parts)
                notes.add(
                    f"Its body is form-data in parts ({names}), which mixtui does not "
                    "write."
                )
        case "graphql":
            if mapping(node.get("graphql")):
                notes.add("Its body is GraphQL, which no API of Mixpanel takes.")
        case _:
            notes.add(f"Its body is of the mode {mode}, which mixtui does not know.")
    return None


def _raw(node: dict[str, Value], content_type: str) -> Body | None:
    source = plain(node.get("raw"))
    if not source:
        return None
    named = body_type(content_type) if content_type else None
    if named is not None and named is not BodyType.FILE:
        return Body(named, source)
    options = mapping(mapping(node.get("options")).get("raw"))
    language = text(options.get("language"))
    if language == "json" or (not language and _looks_like_json(source)):
        return Body(BodyType.JSON, source)
    return Body(BodyType.TEXT, source)


def _form(node: dict[str, Value], notes: Notes) -> Body:
    rows = mappings(node.get("urlencoded"))
    off = [plain(row.get("key")) for row in rows if row.get("disabled") is True]
    if off:
        notes.add(
            f"Form fields that are switched off in Postman are left out: "
            f"{', '.join(off)}."
        )
    fields = [
        (plain(row.get("key")), plain(row.get("value")))
        for row in rows
        if row.get("disabled") is not True and row.get("key")
    ]
    exact = written(fields)
    if exact is None:
        notes.add("A field of the form holds what mixtui's form cannot: look at it.")
    return Body(BodyType.FORM, form_text(fields) if exact is None else exact)


def _content_type(headers: tuple[Pair, ...]) -> str:
    return next(
        (r.value for r in headers if r.enabled and r.name.lower() == "content-type"), ""
    )


def _base(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _looks_like_json(source: str) -> bool:
    if not source.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(source)
    except RecursionError:
        return True
    except ValueError:
        return "{{" in source
    return True
