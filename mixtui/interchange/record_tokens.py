"""Remove the project token from the records of a body."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import Struct

from mixtui.jsontext import (
    Located,
    Number,
    Span,
    check,
    cut,
    member_cut,
    members,
    records,
)
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.request.templates import (
    map_literals,
    mask_templates,
)


class StrippedTokens(Struct, frozen=True):
    """A text without its project token."""

    text: str
    token: str = ""
    """The removed token, as the text of a template; empty = there was none, or several."""
    ambiguous: bool = False
    """It has tokens of several projects, so none was removed."""
    is_json: bool = True


def strip_tokens(
    text: str, token_place: TokenPlace, *, lines: bool = False
) -> StrippedTokens:
    """Remove the token from each record, unless the records have different ones.

    Args:
        text: A list of records, or one.
        token_place: Where the endpoint expects the token.
        lines: The text is JSON lines.
    """
    if not text.strip():
        return StrippedTokens(text)
    if not lines:
        return _strip_document(text, token_place)
    documents = text.split("\n")
    stripped = [
        _strip_document(document, token_place)
        if document.strip()
        else StrippedTokens(document)
        for document in documents
    ]
    tokens = {each.token for each in stripped if each.token}
    is_json = all(each.is_json for each in stripped)
    if len(tokens) > 1 or any(each.ambiguous for each in stripped):
        return StrippedTokens(text, ambiguous=True)
    return StrippedTokens(
        "\n".join(each.text for each in stripped), "".join(tokens), is_json=is_json
    )


def _strip_document(text: str, token_place: TokenPlace) -> StrippedTokens:
    masked = mask_templates(text)
    if check(masked) is not None:
        return StrippedTokens(text, is_json=False)
    token_members = list(_token_members(masked, text, token_place))
    tokens = {token for token, _ in token_members}
    if len(tokens) > 1:
        return StrippedTokens(text, ambiguous=True)
    return StrippedTokens(
        cut(text, [span for _, span in token_members]), "".join(tokens)
    )


def _token_members(
    masked: str, text: str, token_place: TokenPlace
) -> Iterator[tuple[str, Span]]:
    """Find each token, and what to cut out to remove it, in ascending order.

    Args:
        masked: The document, with its templates masked.
        text: The document.
        token_place: Where the endpoint expects the token.
    """
    for record in records(masked):
        if not isinstance(record.value, dict):
            continue
        if token_place is TokenPlace.RECORD:
            yield from _token_member(masked, text, record, "$token")
            continue
        for member in members(masked, record.start):
            if member.key == "properties" and isinstance(member.value, dict):
                yield from _token_member(masked, text, member, "token")


def _token_member(
    masked: str, text: str, parent: Located, key: str
) -> Iterator[tuple[str, Span]]:
    siblings = list(members(masked, parent.start))
    indexes = [index for index, member in enumerate(siblings) if member.key == key]
    # A key that occurs twice in one object is ambiguous, and stays.
    if len(indexes) != 1:
        return
    member = siblings[indexes[0]]
    if isinstance(member.value, str) and not isinstance(member.value, Number):
        # In quotes, and with references that are not JSON of their own.
        token = map_literals(text[member.start + 1 : member.end - 1], _json_text)
        yield token, member_cut(masked, parent.start, siblings, indexes[0])


def _json_text(inside: str) -> str:
    try:
        return str(json.loads(f'"{inside}"'))
    except ValueError:
        return inside
