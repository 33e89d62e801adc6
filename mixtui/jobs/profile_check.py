"""Check an update of a profile against the documented rules, and complete it.

https://developer.mixpanel.com/reference/profile-set and the pages beside it.

Values are sent as they are written: no number or order is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from mixtui.jobs.event_check import REJECTED
from mixtui.jobs.model import InvalidRecord
from mixtui.jobs.readers import describe_malformed
from mixtui.jobs.sources import Source, SourceStream
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.events import INVALID_IDS
from mixtui.mixpanel.profiles import (
    IGNORE_TIME,
    MAX_UPDATE_BYTES,
    PROPERTIES,
    TOKEN,
    USERS,
    ProfileKind,
)

_SET = "$set"


class ProfileChecker:
    """Checks updates, one after the other."""

    def __init__(
        self,
        kind: ProfileKind,
        token: str,
        *,
        group_key: str = "",
        is_destructive: bool = False,
    ) -> None:
        """Look up the operations.

        Args:
            kind: Whose profiles.
            token: Of the project that they are for.
            group_key: Of groups whose update names none.
            is_destructive: Whether it was confirmed that something may be deleted.
        """
        self._kind, self._token, self._group_key = kind, token, group_key
        self._is_destructive = is_destructive
        self._decode = msgspec.json.Decoder(dict[str, Raw]).decode
        self._token_text = Raw(msgspec.json.encode(token))

    def accepts(self, records: Sequence[bytes]) -> bool:
        """Return False: each record gets what it lacks."""
        return False

    def complete(self, text: bytes) -> bytes:
        """Return an update as it is sent: checked, with a token.

        Args:
            text: A JSON object: an update, or a profile as it is exported.

        Raises:
            InvalidRecord: It must not be sent.
        """
        try:
            members = self._decode(text)
        except (ValueError, RecursionError):
            raise InvalidRecord(describe_malformed(text)) from None
        members.pop(REJECTED, None)
        if PROPERTIES in members and not members.keys() & self._kind.operations.keys():
            members[_SET] = members.pop(PROPERTIES)
            if self._kind is not USERS and USERS.ids[0] in members:
                members[self._kind.ids[-1]] = members.pop(USERS.ids[0])
        self._complete_token(members)
        if self._group_key:
            members.setdefault("$group_key", Raw(msgspec.json.encode(self._group_key)))
        for name in self._kind.ids:
            _check_id(name, members.get(name))
        self._check_operation(members)
        if self._kind is USERS:
            members.setdefault(IGNORE_TIME, Raw(b"true"))
        update = msgspec.json.encode(members)
        if len(update) > MAX_UPDATE_BYTES:
            raise InvalidRecord(f"is {len(update):,} bytes long; Mixpanel takes 1 MB")
        return update

    def _complete_token(self, members: dict[str, Raw]) -> None:
        """Add the token; refuse that of another project, which is not ours to change."""
        token = _value(members.get(TOKEN))
        if token in (None, ""):
            members[TOKEN] = self._token_text
        elif token != self._token:
            raise InvalidRecord(
                "is that of another project than the environment's: remove it", TOKEN
            )

    def _check_operation(self, members: dict[str, Raw]) -> None:
        operations = self._kind.operations
        names = [name for name in operations if name in members]
        if not names:
            foreign = [n for n in members if n in USERS.operations]
            raise InvalidRecord(
                f"{foreign[0]} is not an operation on {self._kind.noun} profiles"
                if foreign
                else f"has no operation: one of {', '.join(operations)}"
            )
        if len(names) > 1:
            raise InvalidRecord(f"has {' and '.join(names)}: use a record for each")
        (name,) = names
        destroys = operations[name].safety is Safety.DESTRUCTIVE
        if destroys and not self._is_destructive:
            raise InvalidRecord("deletes, which was not confirmed", name)
        _check_operand(name, members[name])


def _value(raw: Raw | None) -> Any:
    return None if raw is None else msgspec.json.decode(raw)


def _check_id(name: str, raw: Raw | None) -> None:
    value = _value(raw)
    if value is None or value == "":
        raise InvalidRecord("is missing", name)
    if type(value) is str:
        if value.strip().lower() in INVALID_IDS:
            raise InvalidRecord(f"is “{value.strip()}”, which is not an id", name)
    elif type(value) not in (int, float) or name == "$group_key":
        wanted = "a text" if name == "$group_key" else "a text or a number"
        raise InvalidRecord(f"must be {wanted}", name)


def _check_operand(name: str, raw: Raw) -> None:
    """Refuse a value that the operation cannot do anything with."""
    if name == "$delete":
        return
    value = _value(raw)
    if name == "$unset":
        if not isinstance(value, list) or not all(type(each) is str for each in value):
            raise InvalidRecord("must be a list of property names", name)
        if not value:
            raise InvalidRecord("does not name a property", name)
        return
    if not isinstance(value, dict):
        raise InvalidRecord("must be an object", name)
    if not value and name != _SET:
        raise InvalidRecord("has no properties", name)
    for property_name, each in value.items():
        if name == "$add" and type(each) not in (int, float):
            raise InvalidRecord("must be a number", f"{name}.{property_name}")
        if name == "$union" and not isinstance(each, list):
            raise InvalidRecord("must be a list", f"{name}.{property_name}")


def may_delete(sources: Sequence[Source], kind: ProfileKind) -> bool:
    """Return whether updates may delete something: whether they have the words. Blocking.

    Args:
        sources: Of stdin nothing is known.
        kind: Whose profiles.

    Raises:
        JobError: A file cannot be read.
    """
    words = [
        f'"{name}"'.encode()
        for name, operation in kind.operations.items()
        if operation.safety is Safety.DESTRUCTIVE
    ]
    longest = max(map(len, words))
    for source in sources:
        if not source.is_file:
            return True
        stream, end = SourceStream(source), b""
        try:
            while block := stream.read():
                text = end + block
                if any(word in text for word in words):
                    return True
                end = block[-longest:]
        finally:
            stream.close()
    return False
