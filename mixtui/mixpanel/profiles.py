"""Updates of user and group profiles: what ``/engage`` and ``/groups`` take.

https://developer.mixpanel.com/reference/profile-set, user-profile-limits and limits-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from mixtui.mixpanel.catalogue import family_operations
from mixtui.mixpanel.operation import Operation

MAX_UPDATES = 2000
"""In a request."""
ADVISED_UPDATES = 200
"""In a request (https://docs.mixpanel.com/docs/data-structure/user-profiles)."""
MAX_UPDATE_BYTES = 1_000_000
TOKEN, PROPERTIES = "$token", "$properties"
IGNORE_TIME = "$ignore_time"
"""True = an update does not count as the user's last visit."""


class ProfileKind(Struct, frozen=True):
    """Users or groups."""

    noun: str
    path: str
    """Of the Ingestion API."""
    ids: tuple[str, ...]
    """The members of an update that say whose profile it changes."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by the member that names each, such as ``$set``."""
        return operations_by_member(self.path)


USERS = ProfileKind("user", "/engage", ("$distinct_id",))
GROUPS = ProfileKind("group", "/groups", ("$group_key", "$group_id"))
COMMON_MEMBERS = frozenset((TOKEN, *USERS.ids, *GROUPS.ids, IGNORE_TIME)) | {
    "$ip",
    "$time",
    "$ignore_alias",
    "$latitude",
    "$longitude",
}
"""Members of an update that name no operation."""


@cache
def operations_by_member(path: str) -> Mapping[str, Operation]:
    """Return the operations of ``/engage`` or ``/groups``, by the member that names each."""
    return {
        each.body.key: each
        for each in family_operations("ingestion")
        if each.path == path and each.body is not None and each.body.key
    }
