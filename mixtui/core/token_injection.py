"""The project token, put into each record that has none.

``properties.token`` in events, ``$token`` in profile and group records
(https://developer.mixpanel.com/reference/project-token). One that was typed stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.json_text import Member, insert, member_text, members, records
from mixtui.mixpanel.endpoints import TokenPlace

IN_RECORDS = (TokenPlace.PROPERTIES, TokenPlace.MERGE_EVENTS, TokenPlace.RECORD)
"""The places inside a body."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A JSON text with the token in every record that needs one."""

    text: str
    added: int
    """Records that got the token."""
    total: int
    without: int | None
    """The first record, from 1, that needs a token while there is none to give."""


def inject(text: str, token: str, place: TokenPlace) -> Injected:
    """Put the token into a valid JSON document: a list of records, or one."""
    insertions: list[tuple[int, str]] = []
    total, without = 0, None
    for total, start in enumerate(records(text), 1):
        insertion = _insertion(text, start, token, place)
        if insertion is None:
            continue
        if not token:
            without = without or total
            continue
        insertions.append(insertion)
    return Injected(insert(text, insertions), len(insertions), total, without)


def token_name(place: TokenPlace) -> str:
    """What the token of a record is called, for people."""
    return "$token" if place is TokenPlace.RECORD else "properties.token"


def token_words(text: str, token: str, place: TokenPlace) -> str:
    """What injecting will do, to stand behind other words; empty = nothing."""
    if place not in IN_RECORDS:
        return ""
    done = inject(text, token, place)
    if not done.added:
        return ""
    return f" · + {token_name(place)} in {done.added} of {done.total}"


def _insertion(
    text: str, start: int, token: str, place: TokenPlace
) -> tuple[int, str] | None:
    """Where and what to insert into a record that lacks its token, or None."""
    if text[start : start + 1] != "{":
        return None
    fields = {member.key: member for member in members(text, start)}
    if place is TokenPlace.RECORD:
        if "$token" in fields:
            return None
        return start + 1, member_text("$token", token, text, start)
    if place is TokenPlace.MERGE_EVENTS and not _is_merge(text, fields):
        return None
    properties = fields.get("properties")
    if properties is None:
        return start + 1, member_text("properties", {"token": token}, text, start)
    if text[properties.start] != "{":
        return None
    inside = properties.start
    if any(member.key == "token" for member in members(text, inside)):
        return None
    return inside + 1, member_text("token", token, text, inside)


def _is_merge(text: str, fields: dict[str, Member]) -> bool:
    event = fields.get("event")
    return event is not None and text[event.start : event.end] == '"$merge"'
