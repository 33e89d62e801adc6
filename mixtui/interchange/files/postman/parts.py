"""Read the authentication and the body of a Postman request."""

from __future__ import annotations

import json
import re

from msgspec import Struct

from mixtui.interchange.credentials import basic_credential, extract_credential
from mixtui.interchange.files.openapi.bodies import body_type
from mixtui.interchange.files.postman.variables import Variables
from mixtui.interchange.json_values import (
    Value,
    as_list,
    as_mapping,
    as_text,
    mappings_in,
    query_text,
)
from mixtui.interchange.model import ExtractedCredential
from mixtui.interchange.notes import Notes
from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint
from mixtui.model.draft import AuthChoice, Body, BodyType, Pair
from mixtui.patterns import compile_late
from mixtui.request.body import CONTENT_TYPES
from mixtui.request.forms import exact_form_text, form_text

_STRING_OR_COMMENT = compile_late(
    r'("(?:[^"\\]|\\.)*")|[ \t]*//[^\n]*|/\*.*?\*/', re.DOTALL
)


class Authentication(Struct, frozen=True):
    """How a request authenticates."""

    choice: AuthChoice = AuthChoice.AUTO
    credentials: tuple[ExtractedCredential, ...] = ()
    query: tuple[Pair, ...] = ()
    headers: tuple[Pair, ...] = ()


def read_authentication(
    node: Value, endpoint: Endpoint, variables: Variables, notes: Notes
) -> Authentication:
    """Read an ``auth`` object; without one, the app chooses the credential."""
    auth = as_mapping(node)
    kind = as_text(auth.get("type"))
    settings = {
        name: variables.expand(value) for name, value in _auth_settings(auth.get(kind))
    }
    match kind:
        case "" | "inherit":
            return Authentication()
        case "noauth":
            # A token in each record is not a header; mixtui adds it by itself.
            is_in_records = endpoint.token_authenticates
            return Authentication(AuthChoice.AUTO if is_in_records else AuthChoice.NONE)
        case "basic":
            credentials = basic_credential(
                settings.get("username", ""), settings.get("password", ""), endpoint
            )
            return _with_credentials(credentials, endpoint, notes)
        case "bearer":
            return _bearer_auth(settings.get("token", ""), endpoint, notes)
        case "oauth2":
            return _bearer_auth(settings.get("accessToken", ""), endpoint, notes)
        case "apikey":
            return _api_key_auth(settings, notes)
    notes.add(
        f"Mixpanel does not support its authentication {kind}: the endpoint's default "
        "credential is sent."
    )
    return Authentication()


def _with_credentials(
    credentials: tuple[ExtractedCredential, ...], endpoint: Endpoint, notes: Notes
) -> Authentication:
    if not credentials:
        notes.add(
            "The file does not have a value for its credential: the environment's is "
            "sent."
        )
        return Authentication()
    kind = credentials[0].kind
    is_accepted = kind in endpoint.credentials
    return Authentication(
        AuthChoice.AUTO if is_accepted else AuthChoice(kind.value),
        credentials=credentials,
    )


def _bearer_auth(token: str, endpoint: Endpoint, notes: Notes) -> Authentication:
    credentials = extract_credential(CredentialKind.OAUTH, token)
    if not credentials:
        notes.add("The file does not have a value for its bearer token.")
    return Authentication(AuthChoice.OAUTH, credentials=credentials)


def _api_key_auth(settings: dict[str, str], notes: Notes) -> Authentication:
    row = Pair(settings.get("key", ""), settings.get("value", ""))
    if row.name.lower() not in ("token", "api_secret", "authorization"):
        notes.add(
            f"Its API key {row.name or '(unnamed)'} was removed: Mixpanel does not "
            "use it."
        )
        return Authentication()
    if settings.get("in") == "query":
        return Authentication(query=(row,))
    return Authentication(headers=(row,))


def _auth_settings(node: Value) -> list[tuple[str, str]]:
    """Return the settings: a list of rows in 2.1, an object in 2.0."""
    if isinstance(node, dict):
        return [(name, query_text(value)) for name, value in node.items()]
    return [
        (query_text(row.get("key")), query_text(row.get("value")))
        for row in mappings_in(node)
    ]


def read_body(
    node: Value, headers: tuple[Pair, ...], notes: Notes
) -> tuple[Body | None, tuple[Pair, ...]]:
    """Return the body, and the headers without the content type that it implies."""
    body = _body(as_mapping(node), _content_type(headers), notes)
    if body is None:
        return None, headers
    if body.type is BodyType.FILE:
        return body, headers
    implied = CONTENT_TYPES[body.type].partition(";")[0]
    remaining = tuple(
        row
        for row in headers
        if row.name.lower() != "content-type" or _essence(row.value) != implied
    )
    return body, remaining


def _body(node: dict[str, Value], content_type: str, notes: Notes) -> Body | None:
    mode = as_text(node.get("mode"))
    if not mode:
        return None
    if node.get("disabled") is True:
        notes.add("Its body was skipped: it is disabled in Postman.")
        return None
    match mode:
        case "raw":
            return _raw_body(node, content_type, notes)
        case "urlencoded":
            return _form_body(node, notes) if as_list(node.get("urlencoded")) else None
        case "file":
            source = node.get("file")
            path = as_text(source) or as_text(as_mapping(source).get("src"))
            if not path:
                notes.add("Its body is a file that the collection does not name.")
            return Body(BodyType.FILE, path=path)
        case "formdata":
            # Postman writes an empty list where there is no body.
            if parts := mappings_in(node.get("formdata")):
                names = ", ".join(query_text(part.get("key")) for part in parts)
                notes.add(
                    f"Its body is multipart form-data ({names}), which mixtui does "
                    "not send."
                )
        case "graphql":
            if as_mapping(node.get("graphql")):
                notes.add("Its body is GraphQL, which Mixpanel does not support.")
        case _:
            notes.add(f"Its body has the unknown mode {mode}.")
    return None


def _raw_body(node: dict[str, Value], content_type: str, notes: Notes) -> Body | None:
    source = query_text(node.get("raw"))
    if not source:
        return None
    type_ = body_type(content_type) if content_type else None
    if type_ is None or type_ is BodyType.FILE:
        options = as_mapping(as_mapping(node.get("options")).get("raw"))
        language = as_text(options.get("language"))
        is_json = language == "json" or (not language and _looks_like_json(source))
        type_ = BodyType.JSON if is_json else BodyType.TEXT
    if type_ is not BodyType.JSON:
        return Body(type_, source)
    without = _strip_comments(source)
    if without != source:
        notes.add(
            "Comments in its JSON body were removed, as Postman does when sending."
        )
    return Body(type_, without)


def _strip_comments(source: str) -> str:
    """Take comments out of JSON, as Postman does when it sends."""
    return _STRING_OR_COMMENT.sub(lambda match: match[1] or "", source)


def _form_body(node: dict[str, Value], notes: Notes) -> Body:
    rows = mappings_in(node.get("urlencoded"))
    disabled = [
        query_text(row.get("key")) for row in rows if row.get("disabled") is True
    ]
    if disabled:
        notes.add(
            "Form fields that are disabled in Postman were skipped: "
            f"{', '.join(disabled)}."
        )
    fields = [
        (query_text(row.get("key")), query_text(row.get("value")))
        for row in rows
        if row.get("disabled") is not True and row.get("key")
    ]
    exact = exact_form_text(fields)
    if exact is None:
        notes.add(
            "A form field has a value that mixtui cannot represent: check the form."
        )
    return Body(BodyType.FORM, form_text(fields) if exact is None else exact)


def _content_type(headers: tuple[Pair, ...]) -> str:
    return next(
        (r.value for r in headers if r.enabled and r.name.lower() == "content-type"), ""
    )


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _looks_like_json(source: str) -> bool:
    source = _strip_comments(source)
    if not source.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(source)
    except RecursionError:
        return True
    except ValueError:
        return "{{" in source
    return True
