"""``/engage`` and ``/groups``: changes to profiles of users and groups.

https://developer.mixpanel.com/reference/profile-set and group-set
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from mixtui.sandbox import profiles
from mixtui.sandbox.authentication import project_by_token
from mixtui.sandbox.call import ApiCall
from mixtui.sandbox.clock import moment
from mixtui.sandbox.event_checks import text_id
from mixtui.sandbox.ingestion_events import tracked
from mixtui.sandbox.json_text import Json, JsonObject
from mixtui.sandbox.records import MOST_RECORDS, BadBody, of_tracking

OwnerOf = Callable[[JsonObject], tuple[str, str]]
"""Record to group key and id; see `profiles.USERS`."""


class BadRecord(ValueError):
    """The record is refused; says why."""


def change_users(call: ApiCall) -> Response:
    """POST /engage."""
    return _change(call, _user_of)


def change_groups(call: ApiCall) -> Response:
    """POST /groups."""
    return _change(call, _group_of)


def _change(call: ApiCall, owner_of: OwnerOf) -> Response:
    try:
        batch = of_tracking(call)
    except BadBody as error:
        return tracked(call, str(error))
    problem = "data, missing or empty"
    accepted = 0
    with call.store.transaction():
        for record in batch[:MOST_RECORDS]:
            try:
                _apply(call, record, owner_of)
                accepted += 1
            except (BadRecord, profiles.BadOperation) as error:
                problem = str(error)
    return tracked(call, "" if accepted else problem)


def _apply(call: ApiCall, record: Json, owner_of: OwnerOf) -> None:
    if not isinstance(record, dict):
        raise BadRecord("the record must be an object")
    token = record.get("$token")
    if not isinstance(token, str) or not token:
        raise BadRecord("token, missing or empty")
    group_key, identifier = owner_of(record)
    names = [
        name
        for name in record
        if name in profiles.OPERATIONS or name in ("$unset", "$delete")
    ]
    if not names:
        raise BadRecord("no operation such as $set in the record")
    changes = [
        profiles.operation(name, record[name]) for name in names if name != "$delete"
    ]
    project = project_by_token(token) if call.at_home else None
    if project is None:
        return
    if "$delete" in names:
        profiles.delete(call.store, project.id, group_key, identifier)
        return
    if group_key == profiles.USERS and not record.get("$ignore_time"):
        seen = moment(call.now_ms).strftime("%Y-%m-%dT%H:%M:%S")
        changes.append(profiles.operation("$set", {"$last_seen": seen}))
    for change in changes:
        profiles.change(call.store, project.id, group_key, identifier, change)


def _user_of(record: JsonObject) -> tuple[str, str]:
    identifier = text_id(record.get("$distinct_id"))
    if not identifier:
        raise BadRecord("$distinct_id, missing or empty")
    return profiles.USERS, identifier


def _group_of(record: JsonObject) -> tuple[str, str]:
    key, identifier = record.get("$group_key"), text_id(record.get("$group_id"))
    if not isinstance(key, str) or not key:
        raise BadRecord("$group_key, missing or empty")
    if not identifier:
        raise BadRecord("$group_id, missing or empty")
    return key, identifier
