"""The project token, put into each record that has none.

``properties.token`` in events, ``$token`` in profile and group records
(https://developer.mixpanel.com/reference/project-token). One that was typed stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.json_text import Member, insert, member_text, members, records
from mixtui.mixpanel.endpoints import TokenPlace


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
        at = _object_that_needs_token(text, start, place)
        if at is None:
            continue
        if not token:
            without = without or total
            continue
        name = "$token" if place is TokenPlace.RECORD else "token"
        insertions.append((at + 1, member_text(name, token, text, at)))
    return Injected(insert(text, insertions), len(insertions), total, without)


def _object_that_needs_token(text: str, start: int, place: TokenPlace) -> int | None:
    """The position of the object that lacks its token, or None."""
    if text[start : start + 1] != "{":
        return None
    fields = {member.key: member for member in members(text, start)}
    if place is TokenPlace.RECORD:
        return None if "$token" in fields else start
    if place is TokenPlace.MERGE_EVENTS and not _is_merge(text, fields):
        return None
    properties = fields.get("properties")
    if properties is None or text[properties.start] != "{":
        return None
    typed = any(m.key == "token" for m in members(text, properties.start))
    return None if typed else properties.start


def _is_merge(text: str, fields: dict[str, Member]) -> bool:
    event = fields.get("event")
    return event is not None and text[event.start : event.end] == '"$merge"'
