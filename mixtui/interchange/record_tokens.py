"""The project token taken out of JSON records, around everything else in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mixtui.core import json_text
from mixtui.core.json_text import Member, members, records, skip_space
from mixtui.mixpanel.endpoints import TokenPlace


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text without its token."""

    text: str
    token: str = ""
    """The one that stood in it; empty = none, or several."""
    several: bool = False
    """It names more than one project, so all of them stayed."""
    is_json: bool = True


def strip_tokens(text: str, place: TokenPlace, *, lines: bool = False) -> Tokens:
    """Take the token out of each record, if all that name one name the same.

    Args:
        text: A list of records, or one.
        place: Where the endpoint takes the token.
        lines: The text is JSON lines.
    """
    if not text.strip():
        return Tokens(text)
    if not lines:
        return _of_document(text, place)
    pieces = text.split("\n")
    done = [_of_document(p, place) if p.strip() else Tokens(p) for p in pieces]
    tokens = {one.token for one in done if one.token}
    is_json = all(one.is_json for one in done)
    if len(tokens) > 1 or any(one.several for one in done):
        return Tokens(text, several=True)
    return Tokens("\n".join(o.text for o in done), "".join(tokens), is_json=is_json)


def _of_document(text: str, place: TokenPlace) -> Tokens:
    if json_text.check(text) is not None:
        return Tokens(text, is_json=False)
    spans = list(_spans(text, place))
    tokens = {json.loads(text[start:end]) for start, end, _, _ in spans}
    if len(tokens) > 1:
        return Tokens(text, several=True)
    pieces, last = [], 0
    for _, _, start, end in spans:
        pieces.append(text[last:start])
        last = end
    return Tokens("".join([*pieces, text[last:]]), "".join(tokens))


def _spans(text: str, place: TokenPlace) -> Iterator[tuple[int, int, int, int]]:
    """For each token its value's place, and what to cut out, in rising order."""
    for record in records(text):
        if text[record] != "{":
            continue
        if place is TokenPlace.RECORD:
            yield from _of_object(text, record, "$token")
            continue
        for member in members(text, record):
            if member.key == "properties" and text[member.start] == "{":
                yield from _of_object(text, member.start, "token")


def _of_object(text: str, start: int, key: str) -> Iterator[tuple[int, int, int, int]]:
    inside = list(members(text, start))
    named = [at for at, member in enumerate(inside) if member.key == key]
    # Twice in one object: that is the person's riddle, and stays.
    if len(named) != 1 or text[inside[named[0]].start] != '"':
        return
    at = named[0]
    yield (inside[at].start, inside[at].end, *_cut(text, start, inside, at))


def _cut(text: str, start: int, inside: list[Member], at: int) -> tuple[int, int]:
    """A member with one of the commas beside it."""
    if at > 0:
        return inside[at - 1].end, inside[at].end
    begin = skip_space(text, start + 1)
    end = skip_space(text, inside[at].end)
    if text[end] != ",":
        return begin, end
    if begin > start + 1:
        # The next one takes its place.
        return begin, skip_space(text, end + 1)
    return begin, end + (2 if text[end + 1] == " " else 1)
