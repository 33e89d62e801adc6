"""A draft as it may be kept: secrets typed into it masked, templates left alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from mixtui.core.exchange import Headers
from mixtui.core.masking import CREDENTIAL_HEADERS, SCHEMES, Redactor
from mixtui.core.requests import Draft, Pair
from mixtui.core.secrets import REDACTED, Secret

SHORTEST = 8
"""Characters; a shorter text may well stand somewhere by chance."""
_TEMPLATE = re.compile(r"(\{\{[^{}]*\}\})")


def masked_draft(draft: Draft, masker: Redactor) -> tuple[Draft, bool]:
    """The draft without secrets, and whether it had any.

    A template says where a secret is and not what it is: it stays, so that the draft
    can be sent again.
    """

    def text(typed: str) -> str:
        # What no file can hold, such as half a surrogate pair, is no secret either.
        writable = typed.encode("utf-8", "replace").decode()
        return _outside_templates(writable, masker.text)

    def header(pair: Pair) -> Pair:
        value = text(pair.value)
        if pair.name.strip().lower() in CREDENTIAL_HEADERS:
            value = _credential(value)
        return replace(pair, name=text(pair.name), value=value)

    body = draft.body
    if body is not None:
        body = replace(body, text=text(body.text), path=text(body.path))
    kept = replace(
        draft,
        name=text(draft.name),
        description=text(draft.description),
        url=text(draft.url),
        query=tuple(
            replace(pair, name=text(pair.name), value=text(pair.value))
            for pair in draft.query
        ),
        headers=tuple(map(header, draft.headers)),
        body=body,
    )
    return kept, REDACTED in repr(kept) and kept != draft


def typed_credentials(headers: Headers) -> tuple[Secret, ...]:
    """The credentials among headers that a person typed.

    A very short one is masked in its header alone: elsewhere it stands by chance.
    """
    found = []
    for name, value in headers:
        if name.lower() in CREDENTIAL_HEADERS:
            scheme, space, rest = value.strip().partition(" ")
            known = bool(space) and scheme.lower() in SCHEMES
            found.append(rest.strip() if known else value.strip())
    return tuple(Secret(text) for text in found if len(text) >= SHORTEST)


def _credential(value: str) -> str:
    """A credential header's value: its scheme and its templates, and nothing else."""
    scheme, space, rest = value.strip().partition(" ")
    known = bool(space) and scheme.lower() in SCHEMES
    secret = rest if known else value
    masked = _outside_templates(secret, lambda text: REDACTED if text.strip() else text)
    return f"{scheme} {masked}" if known else masked


def _outside_templates(text: str, mask: Callable[[str], str]) -> str:
    parts = _TEMPLATE.split(text)
    return "".join(part if i % 2 else mask(part) for i, part in enumerate(parts))
