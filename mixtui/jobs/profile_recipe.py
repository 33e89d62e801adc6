"""Make updates of profiles of rows and objects that are none."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from mixtui.jobs.model import InvalidRecord
from mixtui.jobs.readers import Row
from mixtui.jobs.recipe import Mapper, Recipe, read_field, read_number, read_object
from mixtui.mixpanel.profiles import GROUPS, PROPERTIES, USERS, ProfileKind


class ProfileOperation(StrEnum):
    """What is done with the columns of a row."""

    SET = "set"
    SET_ONCE = "set_once"
    ADD = "add"
    APPEND = "append"
    UNION = "union"
    REMOVE = "remove"
    UNSET = "unset"
    """The properties of the columns that are not empty."""
    DELETE = "delete"
    """The profile, whatever the columns."""

    @property
    def member(self) -> str:
        """The member of an update that names it."""
        return f"${self}"


class ProfileRecipe(Recipe, frozen=True, kw_only=True):
    """Makes updates. Empty = the records are updates, or an export."""

    operation: ProfileOperation | None = None
    """None = set."""


class UserRecipe(ProfileRecipe, frozen=True, kw_only=True):
    """Makes updates of user profiles."""

    distinct_id: str = ""
    """The column; empty = ``$distinct_id`` or ``distinct_id``."""

    @property
    def _roles(self) -> tuple[str, ...]:
        return (self.distinct_id,)

    def mapper(self, *, omit_null: bool) -> Mapper:
        """Return what makes updates."""
        columns = (self.distinct_id,) if self.distinct_id else _USER_COLUMNS
        return ProfileMapper(self, USERS, {USERS.ids[0]: columns}, omit_null=omit_null)


class GroupRecipe(ProfileRecipe, frozen=True, kw_only=True):
    """Makes updates of group profiles."""

    group_key: str = ""
    """Of all groups whose update names none."""
    group_id: str = ""
    """The column; empty = ``$group_id``, ``group_id`` or, of an export, ``$distinct_id``."""

    @property
    def is_empty(self) -> bool:
        """Whether objects are sent as they are; the group key is added to them."""
        return replace(self, group_key="") == GroupRecipe()

    @property
    def _roles(self) -> tuple[str, ...]:
        return (self.group_id,)

    def mapper(self, *, omit_null: bool) -> Mapper:
        """Return what makes updates."""
        columns = (self.group_id,) if self.group_id else _GROUP_COLUMNS
        key, identifier = GROUPS.ids
        return ProfileMapper(
            self, GROUPS, {key: (key,), identifier: columns}, omit_null=omit_null
        )


_USER_COLUMNS = ("$distinct_id", "distinct_id")
_GROUP_COLUMNS = ("$group_id", "group_id", "$distinct_id")


class ProfileMapper(Mapper):
    """Makes updates."""

    def __init__(
        self,
        recipe: ProfileRecipe,
        kind: ProfileKind,
        columns: dict[str, tuple[str, ...]],
        *,
        omit_null: bool,
    ) -> None:
        """As `Mapper`.

        Args:
            recipe: Which column is what.
            kind: Whose profiles.
            columns: Those that may have each id; the first that is there has it.
            omit_null: A null is an empty cell.
        """
        super().__init__(recipe, omit_null=omit_null)
        self._operation = recipe.operation or ProfileOperation.SET
        self._members = frozenset(kind.operations)
        self._columns = columns

    def map(self, record: bytes | Row) -> bytes:
        """Return an update."""
        row = _flat_profile(record) if isinstance(record, bytes) else dict(record)
        for member in row.keys() & self._members:
            raise InvalidRecord(
                "is an update already: import it without columns and an operation",
                member,
            )
        update: Row = {}
        for name, columns in self._columns.items():
            column = next((each for each in columns if each in row), None)
            if column is not None and (value := row.pop(column)) is not None:
                update[name] = value
        operation = self._operation
        update[operation.member] = self._operand(operation, self.properties(row))
        return msgspec.json.encode(update)

    def _operand(self, operation: ProfileOperation, properties: Row) -> Any:
        match operation:
            case ProfileOperation.DELETE:
                return ""
            case ProfileOperation.UNSET:
                return list(properties)
            case ProfileOperation.ADD:
                return {
                    name: read_field(name, read_number, value)
                    for name, value in properties.items()
                }
            case ProfileOperation.UNION:
                return {
                    name: value if isinstance(value, list) else [value]
                    for name, value in properties.items()
                }
            case _:
                return properties


def _flat_profile(record: bytes) -> Row:
    """Return the members of an object; of an exported profile, its properties and id."""
    row = read_object(record)
    properties = row.get(PROPERTIES)
    if isinstance(properties, dict) and row.keys() <= {USERS.ids[0], PROPERTIES}:
        return {**properties, USERS.ids[0]: row.get(USERS.ids[0])}
    return row
