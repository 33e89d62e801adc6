"""Where secrets stand in a request; `secret_names` says which names hold them.

Importers take the values out, hints name them, and they are masked wherever they come back.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from urllib.parse import quote, unquote, unquote_plus

from msgspec import Struct

from mixtui import jsontext
from mixtui.jsontext import Located, Member, Number
from mixtui.model.draft import Body, BodyType, Draft, RequestInput
from mixtui.model.redaction import MIN_LENGTH
from mixtui.model.secrets import SCHEMES, Secret
from mixtui.patterns import compile_late
from mixtui.request.forms import FormMistake, form_line, parse_form
from mixtui.request.secret_names import (
    holds_secret,
    is_identifier,
    is_secret_header,
    is_secret_name,
)
from mixtui.request.templates import (
    map_references,
    mask_templates,
    plain_text,
    references,
)

_ACCOUNT_VARIABLES = ("MP_USERNAME", "MP_PROJECT_ID", "MIXPANEL_TOKEN")
_RECORD_PATHS: tuple[tuple[str, ...], ...] = ((), ("properties",))
_PLACEHOLDER = compile_late(
    r"<[^<>]*>|\.\.\.|…|\*+|x{3,}|string|your[ _-][a-z _-]+", re.IGNORECASE
)
_SCHEME = compile_late(r"\s*(?:basic|bearer|token|apikey)?[\s:]*", re.IGNORECASE)
_MEMBER = compile_late(
    r'"((?:[^"\\\n]|\\.){1,80})"\s*:\s*("(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*)'
)
_USER = compile_late(r"://([^/?#@\s\"]*:[^/?#@\s\"]+@)")
_KEY = compile_late(r'"([^"]*)"\s*:')
_NAMED_VALUE = compile_late(
    r'"(?:name|key)"\s*:\s*"([^"\\]{1,80})"'
    r'(?:\s*,\s*"value"\s*:\s*("(?:[^"\\\n]|\\.)*"))?'
)
"""A header or parameter as HAR files and Postman write it."""
_NAME_KEYS = ("name", "key")
_TOKEN = compile_late(
    r"\s*(?:bearer(?:\s+|\+(?!.*\+))(?=\S*\d)[\w.~+/-]{12,}=*|basic[\s+](?P<basic>[\w+/-]{8,}=*)"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)\s*",
    re.IGNORECASE,
)
"""A value that says itself that it is a credential: RFC 6750, RFC 7617, a JWT."""
_TAG = compile_late(r"<([\w.:-]{1,80})>([^<>]+)</\1>")
_LINE = compile_late(
    r"^[ \t]*([\w.-]{1,80})[ \t]*:[ \t]*([^\s\"{\[][^\n]*)$", re.MULTILINE
)
"""A line of YAML or of a header."""
_PAIR = compile_late(r"(?:^|(?<=[&?#;\n]))([^&?#;=\s\"{}]{1,80})=([^&#;\n]*)")


def is_clear_text(value: str) -> bool:
    """Return whether a value could be a secret: no template alone, no placeholder."""
    value = plain_text(value)
    literal = map_references(value, lambda reference: "", foreign=True)
    if literal != value and _SCHEME.fullmatch(literal):
        return False
    return bool(value.strip()) and not _PLACEHOLDER.fullmatch(value.strip())


def variable_secrets(variables: Mapping[str, str]) -> Iterator[Secret]:
    """Yield the values of the variables that are named like secrets, or name an account.

    Not PWD or SSH_AUTH_SOCK, which are paths, and nothing short enough to be a word.
    """
    for name, value in variables.items():
        if (
            (name in _ACCOUNT_VARIABLES or is_secret_name(name))
            and len(value) >= MIN_LENGTH
            and not os.path.isabs(value)
        ):
            yield Secret(value)


def is_secret_input(draft: Draft, declared: RequestInput) -> bool:
    """Return whether the value of an input is a secret: declared, or by where it goes."""
    if declared.secret or holds_secret(declared.name):
        return True
    rows = [(row, holds_secret(row.name)) for row in (*draft.path, *draft.query)]
    rows += [(row, is_secret_header(row.name)) for row in draft.headers]
    return any(
        is_secret and any(each.name == declared.name for each in references(row.value))
        for row, is_secret in rows
    )


class Cleared(Struct, frozen=True):
    """A text without its secrets."""

    text: str
    names: tuple[str, ...] = ()
    """Of what was taken out."""
    values: tuple[str, ...] = ()
    """What was taken out; for redaction only."""


class _Edit(Struct, frozen=True):
    start: int
    end: int
    text: str
    names: tuple[str, ...]
    values: tuple[str, ...]


def clear_value(name: str, value: str) -> Cleared:
    """Take the secrets out of the value of a query parameter or form field."""
    if holds_secret(name):
        if is_clear_text(value):
            return Cleared("", (name,), (value,))
        return Cleared(value)
    if _is_credential(value):
        return Cleared("", (name or "a credential",), (value.split()[-1],))
    if value.lstrip()[:1] in ("{", "["):
        return clear_text(value)
    if "://" in value:
        return clear_url(value)
    if name == "data":
        return _clear_base64(value)
    return clear_pairs(value) if "&" in value or ";" in value else Cleared(value)


def clear_header(name: str, value: str) -> Cleared:
    """Take the secrets out of the value of a header."""
    if is_secret_header(name):
        return (
            Cleared("", (name,), (value,)) if is_clear_text(value) else Cleared(value)
        )
    return clear_value(name, value)


def _is_credential(value: str) -> bool:
    """Return whether a text is a credential, regardless of its name."""
    match = _TOKEN.fullmatch(value)
    if match is None:
        return False
    return match["basic"] is None or ":" in _decode_basic(match["basic"])


def clear_body(body: Body) -> Cleared:
    """Take the secrets out of the text of a body."""
    match body.type:
        case BodyType.NDJSON:
            lines = [clear_text(line) for line in body.text.split("\n")]
            return _join("\n", lines)
        case BodyType.FORM:
            return _clear_form(body.text)
        case BodyType.CSV:
            return _clear_csv(body.text)
        case _:
            return clear_text(body.text)


def clear_pairs(text: str) -> Cleared:
    """Take the secrets out of the ``name=value`` pairs of a URL."""
    return _apply(text, _pair_edits(text))


def clear_url(text: str) -> Cleared:
    """Take the secrets out of the query, fragment and user part of a URL."""
    users = [
        _Edit(
            match.start(1), match.end(1), "", ("the URL's user",), _password(match[1])
        )
        for match in _USER.finditer(text)
    ]
    cleared = _apply(text, users)
    pairs = clear_pairs(cleared.text)
    return Cleared(
        pairs.text, (*cleared.names, *pairs.names), (*cleared.values, *pairs.values)
    )


def _password(user_part: str) -> tuple[str, ...]:
    user = user_part.removesuffix("@")
    return user, unquote(user.partition(":")[2])


def clear_text(text: str) -> Cleared:
    """Take the secrets out of JSON, or of what looks like JSON or pairs."""
    is_json = jsontext.first_character(text) in ("{", "[", '"')
    if is_json and not _is_suspicious(text):
        return Cleared(text)
    masked = mask_templates(text, references=False) if is_json else text
    if is_json and jsontext.check(masked) is None:
        return _apply(text, _json_edits(masked, text))
    cleared = _apply(text, _loose_edits(text))
    if is_json:
        return cleared
    for edits in (_pair_edits, _tag_edits):
        more = _apply(cleared.text, edits(cleared.text))
        cleared = Cleared(
            more.text, (*cleared.names, *more.names), (*cleared.values, *more.values)
        )
    return cleared


def _is_suspicious(text: str) -> bool:
    """Return whether a JSON text may hold a secret; quick, as bodies may be large."""
    if "\\" in text or "://" in text:
        return True  # Escapes may hide a name or JSON, and a URL has its own.
    names = {*_KEY.findall(text), *(match[1] for match in _NAMED_VALUE.finditer(text))}
    return any(map(is_secret_name, names)) or any(
        _is_credential(value.strip('"')) for _, value in _MEMBER.findall(text)
    )


def names_in_clear(body: Body, max_length: int) -> tuple[str, ...]:
    """Return the names of secrets in the first characters of a body."""
    part = Body(body.type, body.text[:max_length])
    return tuple(dict.fromkeys(_look_through(part).names))


def _look_through(body: Body) -> Cleared:
    """Find the secrets of a body that are named in clear; quick, as it may be large."""
    if body.type in (BodyType.FORM, BodyType.CSV):
        return clear_body(body)
    return _apply(body.text, _loose_edits(body.text))


_MIN_VALUE = 4
"""Characters; a shorter value that was typed is masked only in its own place."""


def typed_secrets(
    url: str, headers: Iterable[tuple[str, str]], body: Body | None
) -> tuple[Secret, ...]:
    """Return the secrets in a request, its templates expanded."""
    values = list(clear_url(url).values)
    for name, value in headers:
        values += header_secrets(name, value)
    if body is not None:
        values += _look_through(body).values
    texts = dict.fromkeys(value for value in values if len(value) >= _MIN_VALUE)
    return tuple(map(Secret, texts))


def header_secrets(name: str, value: str) -> tuple[str, ...]:
    """Return the secrets in a header: its credentials, and the password in them."""
    if not is_secret_header(name) or not is_clear_text(value):
        return clear_header(name, value).values
    if name.lower() == "cookie":
        return tuple(pair.partition("=")[2].strip() for pair in value.split(";"))
    scheme, credentials = _split_scheme(name, value.strip())
    plain = _decode_basic(credentials) if scheme.lower() == "basic" else credentials
    user, colon, password = plain.partition(":")
    return (credentials, password or user) if colon else (credentials,)


def _split_scheme(name: str, value: str) -> tuple[str, str]:
    """Return the scheme of an ``Authorization`` and its credentials (RFC 9110, 11.4)."""
    scheme, space, credentials = value.partition(" ")
    named = scheme.isalnum() and "authorization" in name.lower()
    if space and (named or scheme.lower() in SCHEMES):
        return scheme, credentials.strip()
    return "", value


def _decode_basic(credentials: str) -> str:
    """Return ``user:password`` (RFC 7617)."""
    try:
        pair = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return credentials
    return pair.decode(errors="surrogateescape")


def _clear_form(text: str) -> Cleared:
    try:
        fields = parse_form(text)
    except FormMistake:
        return clear_text(text)
    cleared = [clear_value(name, value) for name, value in fields]
    pieces = [
        Cleared(form_line(name, each.text), each.names, each.values)
        for (name, _), each in zip(fields, cleared, strict=True)
    ]
    joined = _join("\n", pieces)
    return joined if joined.names else Cleared(text)


def _clear_csv(text: str) -> Cleared:
    import csv

    csv.field_size_limit(sys.maxsize)  # A limit of the process: no field is too long.
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    secret = {i for i, name in enumerate(header) if is_secret_name(name)}
    if not secret:
        return Cleared(text)
    rows = [header, *reader]
    names, values = [], []
    for row in rows[1:]:
        for index in secret & set(range(len(row))):
            if is_clear_text(row[index]):
                names.append(rows[0][index])
                values.append(row[index])
                row[index] = ""
    if not names:
        return Cleared(text)
    output = io.StringIO()
    csv.writer(output, lineterminator="\n").writerows(rows)
    return Cleared(output.getvalue(), tuple(names), tuple(values))


def _clear_base64(value: str) -> Cleared:
    """Look into the Base64 in which older clients send their ``data``."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return Cleared(value)
    if jsontext.first_character(text) not in ("{", "["):
        return Cleared(value)
    cleared = clear_text(text)
    if not cleared.names:
        return Cleared(value)
    encoded = base64.b64encode(cleared.text.encode()).decode()
    return Cleared(encoded, cleared.names, cleared.values)


def _join(separator: str, pieces: Sequence[Cleared]) -> Cleared:
    return Cleared(
        separator.join(each.text for each in pieces),
        tuple(name for each in pieces for name in each.names),
        tuple(value for each in pieces for value in each.values),
    )


def _apply(text: str, edits: Iterable[_Edit]) -> Cleared:
    pieces: list[str] = []
    ordered = sorted(edits, key=lambda edit: edit.start)
    last = 0
    for edit in ordered:
        pieces += [text[last : edit.start], edit.text]
        last = edit.end
    return Cleared(
        "".join([*pieces, text[last:]]),
        tuple(name for edit in ordered for name in edit.names),
        tuple(value for edit in ordered for value in edit.values),
    )


def _pair_edits(text: str) -> Iterator[_Edit]:
    for match in _PAIR.finditer(text):
        name, value = unquote_plus(match[1]), unquote_plus(match[2])
        cleared = clear_value(name, value)
        if cleared.names:
            left = quote(cleared.text, safe="")
            yield _Edit(
                match.start(2), match.end(2), left, cleared.names, cleared.values
            )


def _tag_edits(text: str) -> Iterator[_Edit]:
    """Find XML elements without attributes, and lines of a name, a colon and a value."""
    for match in (*_TAG.finditer(text), *_LINE.finditer(text)):
        name, value = match.groups()
        if holds_secret(name) and is_clear_text(value):
            yield _Edit(match.start(2), match.end(2), "", (name,), (value,))


def _loose_edits(text: str) -> Iterator[_Edit]:
    """Find members of JSON that may hold templates or mistakes."""
    named = (match for match in _NAMED_VALUE.finditer(text) if match[2])
    for match in chain(_MEMBER.finditer(text), named):
        name, value = match[1], match[2].strip('"')
        if not holds_secret(name) and not _is_credential(value):
            continue
        if match[2][0] != '"' and name.lower().endswith("tokens"):
            continue
        if is_clear_text(value):
            text = _unescape(match[2])
            yield _Edit(match.start(2), match.end(2), '""', (name,), (text,))


def _unescape(value: str) -> str:
    """Return the text of a JSON string up to its end or first error."""
    try:
        return str(json.loads(value, strict=False))
    except ValueError:
        return value.strip('"')


def _json_edits(text: str, written: str) -> Iterator[_Edit]:
    """Find secrets at any depth, iteratively: a document may be nested deeply.

    Args:
        text: The document, with escapes of templates masked.
        written: The document.
    """

    def is_escaped(node: Located) -> bool:
        return written[node.start : node.end] != text[node.start : node.end]

    stack: list[tuple[Located, str, bool, tuple[str, ...]]] = [
        (record, "", False, ()) for record in jsontext.records(text)
    ]
    while stack:
        node, name, secret, path = stack.pop()
        match node.value:
            case dict():
                members = list(jsontext.members(text, node.start))
                named = _named_secret(members)
                for member in members:
                    public = is_identifier(member.key) and path in _RECORD_PATHS
                    hidden = not public and is_secret_name(member.key)
                    label = member.key if hidden or not secret else name
                    if named and member.key == "value":
                        label, hidden = named, True
                    stack.append((member, label, secret or hidden, (*path, member.key)))
            case list():
                stack += [
                    (item, name, secret, (*path, "[]"))
                    for item in jsontext.items(text, node.start)
                ]
            case Number() if secret and not name.lower().endswith("tokens"):
                yield _Edit(node.start, node.end, '""', (name,), (str(node.value),))
            case str() if secret and not isinstance(node.value, Number):
                value = node.value
                if is_escaped(node):
                    value = plain_text(written[node.start + 1 : node.end - 1])
                if is_clear_text(value):
                    yield _Edit(node.start, node.end, '""', (name,), (value,))
            case str() if (
                node.value.lstrip()[:1] in ("{", "[")
                or "://" in node.value
                or _is_credential(node.value)
            ):
                inner = clear_value(name, node.value)
                if inner.names:
                    quoted = json.dumps(inner.text, ensure_ascii=False)
                    if is_escaped(node):
                        quoted = '""'
                    yield _Edit(node.start, node.end, quoted, inner.names, inner.values)


def _named_secret(members: list[Member]) -> str:
    """Return the name that an object gives its ``value``, if it is a secret's."""
    names = [each.value for each in members if each.key in _NAME_KEYS]
    return next((n for n in names if isinstance(n, str) and holds_secret(n)), "")
