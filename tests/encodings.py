"""The forms in which servers write a text into a response."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from html.entities import html5
from urllib.parse import quote, quote_plus


def json_text(text: str) -> str:
    """Escape a text as it stands between the quotes of JSON."""
    return json.dumps(text)[1:-1]


def _every_unit(text: str, form: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2))
    return "".join(form.format(code) for code in codes)


def _every_character(text: str, form: str) -> str:
    return "".join(form.format(ord(character)) for character in text)


def _every_byte(text: str, form: str) -> str:
    return "".join(map(form.format, text.encode("utf-8", "surrogatepass")))


def _base64(text: str, before: bytes = b"", after: bytes = b"") -> str:
    data = text.encode("utf-8", "surrogatepass")
    return base64.b64encode(before + data + after).decode()


_ENTITIES = {
    character: f"&{name}" for name, character in html5.items() if name.endswith(";")
}
Encode = Callable[[str], str]
FORMS: dict[str, Encode] = {
    "JSON of Python": json_text,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda text: json_text(text).replace("/", "\\/"),
    "JSON of Go": lambda text: re.sub(
        "[<>&]", lambda match: f"\\u{ord(match[0]):04x}", json_text(text)
    ),
    "JSON, all escaped": lambda text: _every_unit(text, "\\u{:04x}"),
    "JSON, all escaped, upper case": lambda text: _every_unit(text, "\\u{:04X}"),
    "JavaScript": lambda text: _every_character(text, "\\u{{{:x}}}"),
    "C": lambda text: _every_character(text, "\\U{:08x}"),
    "C, octal": lambda text: _every_byte(text, "\\{:03o}"),
    "URL": lambda text: quote(text, safe="", errors="surrogatepass"),
    "URL, all escaped, lower case": lambda text: _every_byte(text, "%{:02x}"),
    "URL of JavaScript's escape": lambda text: _every_unit(text, "%u{:04X}"),
    "form": lambda text: quote_plus(text, errors="surrogatepass"),
    "HTML": html.escape,
    "HTML, all named": lambda text: "".join(_ENTITIES.get(c, c) for c in text),
    "HTML, all decimal": lambda text: _every_character(text, "&#{};"),
    "HTML, all hexadecimal": lambda text: _every_character(text, "&#x{:X};"),
    "Base64": _base64,
    "Base64, shifted by one": lambda text: _base64(text, b"u").rstrip("="),
    "Base64, shifted by two": lambda text: _base64(text, b"u:", b"zz"),
    "Base64 of URLs": lambda text: _base64(text, b">>", b"?~").translate(
        {ord("+"): "-", ord("/"): "_"}
    ),
    "Base64 in lines": lambda text: base64.encodebytes(
        b"q" * 50 + text.encode("utf-8", "surrogatepass")
    ).decode(),
}
