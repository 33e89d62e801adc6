"""Store profiles of users and groups, and apply operations to them.

https://developer.mixpanel.com/reference/user-profiles and group-profiles
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from mixtui.sandbox.data.expressions import as_number
from mixtui.sandbox.data.json_text import Json, JsonObject, dump, parse_object
from mixtui.sandbox.data.store import Store

USERS = ""
"""The group key of user profiles."""


class Profile(Struct, frozen=True):
    """A user's or a group's profile."""

    id: str
    properties: JsonObject


class InvalidOperation(ValueError):
    """The value does not fit the operation; the message says why."""


Change = Callable[[JsonObject], JsonObject]
"""Returns new properties for old ones, which are not modified."""


def read(store: Store, project_id: str, group_key: str = USERS) -> list[Profile]:
    """Return all profiles of a group key, by id."""
    rows = store.rows(
        "select id, properties from profiles "
        "where project_id = ? and group_key = ? order by id",
        (project_id, group_key),
    )
    return [Profile(identifier, parse_object(text)) for identifier, text in rows]


def add_new(
    store: Store, project_id: str, group_key: str, profiles: Iterable[Profile]
) -> None:
    """Store profiles; existing ones are not changed."""
    store.write_many(
        "insert or ignore into profiles values (?, ?, ?, ?)",
        ((project_id, group_key, p.id, dump(p.properties)) for p in profiles),
    )


def change(
    store: Store, project_id: str, group_key: str, id: str, change: Change
) -> None:
    """Change one profile; it is created if there is none."""
    with store.transaction():
        rows = store.rows(
            "select properties from profiles "
            "where project_id = ? and group_key = ? and id = ?",
            (project_id, group_key, id),
        )
        old = parse_object(rows[0][0]) if rows else {}
        store.write(
            "insert or replace into profiles values (?, ?, ?, ?)",
            (project_id, group_key, id, dump(change(old))),
        )


def delete(store: Store, project_id: str, group_key: str, id: str) -> None:
    """Delete one profile, if it exists."""
    store.write(
        "delete from profiles where project_id = ? and group_key = ? and id = ?",
        (project_id, group_key, id),
    )


def operation(name: str, value: Json) -> Change:
    """Return the change for ``{name: value}`` of a record.

    Args:
        name: Such as ``$set``; a key of `OPERATIONS`.
        value: The operation's value.

    Raises:
        BadOperation: The value does not fit.
    """
    if name == "$unset":
        return _unset(value)
    if not isinstance(value, dict):
        raise InvalidOperation(f"{name} must be an object")
    return OPERATIONS[name](value)


def _set(values: JsonObject) -> Change:
    return lambda old: {**old, **values}


def _set_once(values: JsonObject) -> Change:
    return lambda old: {**values, **old}


def _add(values: JsonObject) -> Change:
    numbers = {name: _number(name, value) for name, value in values.items()}

    def change(old: JsonObject) -> JsonObject:
        sums: JsonObject = {}
        for name, number in numbers.items():
            current = as_number(old.get(name, 0))
            # Nothing can be added to an existing text: it stays.
            sums[name] = old[name] if current is None else current + number
        return {**old, **sums}

    return change


def _append(values: JsonObject) -> Change:
    return lambda old: {
        **old,
        **{name: [*_list(old.get(name)), value] for name, value in values.items()},
    }


def _union(values: JsonObject) -> Change:
    for name, value in values.items():
        if not isinstance(value, list):
            raise InvalidOperation(f"$union: the value of {name} must be a list")

    def change(old: JsonObject) -> JsonObject:
        new = dict(old)
        for name, value in values.items():
            merged = _list(old.get(name))
            for item in _list(value):
                if item not in merged:
                    merged.append(item)
            new[name] = merged
        return new

    return change


def _remove(values: JsonObject) -> Change:
    def change(old: JsonObject) -> JsonObject:
        new = dict(old)
        for name, value in values.items():
            if isinstance(old.get(name), list):
                new[name] = [v for v in _list(old[name]) if v != value]
        return new

    return change


def _unset(names: Json) -> Change:
    if not isinstance(names, list):
        raise InvalidOperation("$unset must be a list of property names")
    return lambda old: {name: v for name, v in old.items() if name not in names}


OPERATIONS: dict[str, Callable[[JsonObject], Change]] = {
    "$set": _set,
    "$set_once": _set_once,
    "$add": _add,
    "$append": _append,
    "$union": _union,
    "$remove": _remove,
}
"""Operations that take an object; ``$unset`` and ``$delete`` are handled separately."""


def _list(value: Json) -> list[Json]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _number(name: str, value: Json) -> float:
    number = as_number(value)
    if number is None:
        raise InvalidOperation(f"$add: the value of {name} must be a number")
    return number
