"""``/import``, ``/track``, ``/engage`` and ``/groups``: events and profile updates.

https://developer.mixpanel.com/reference/import-events and track-event
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from mixtui.mixpanel.apis import CredentialKind
from mixtui.mixpanel.limits import is_uuid4
from mixtui.sandbox.data import events, profiles
from mixtui.sandbox.data.events import Event, InvalidRecord, RawEvent, text_id
from mixtui.sandbox.data.identity import DAY_MS, Project, moment
from mixtui.sandbox.data.json_text import Json, JsonObject, dump
from mixtui.sandbox.requests.authentication import ingestion_project, project_by_token
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.records import InvalidBody, read_batch
from mixtui.sandbox.requests.request import ApiRequest, json_response

MAX_RECORDS = 2000
MAX_TRACK_AGE_MS = 5 * DAY_MS
"""``/track`` drops older events."""
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def import_events(request: ApiRequest) -> Response:
    """Import events: valid records are stored even if others are rejected."""
    project = ingestion_project(
        request,
        CredentialKind.PROJECT_SECRET,
        CredentialKind.PROJECT_TOKEN,
        CredentialKind.OAUTH,
    )
    strict_text = request.parameters.get("strict", "0")
    if strict_text not in ("0", "1"):
        raise Refusal(400, f"strict must be 0 or 1, not {strict_text!r}")
    strict = strict_text == "1"
    try:
        batch = read_batch(request)
    except InvalidBody as error:
        raise Refusal(400, str(error)) from None
    if not batch.in_data and not batch.is_list:
        raise Refusal(400, "the body must be a JSON list of events")
    if len(batch.records) > MAX_RECORDS:
        raise Refusal(413, f"request exceeds max limit of {MAX_RECORDS} events")
    valid: list[Event] = []
    failed: list[JsonObject] = []
    with request.store.transaction():
        for index, record in enumerate(batch.records):
            try:
                if not _merge(request, project, record, strict):
                    now_ms = request.now_ms
                    valid.append(events.validate_import(record, now_ms, strict=strict))
            except InvalidRecord as failure:
                failed.append(_failed_record(index, record, failure))
        if project is not None:
            events.add(request.store, project.id, valid)
    stored = len(batch.records) - len(failed)
    if failed and strict:
        raise Refusal(
            400,
            "some data points in the request failed validation",
            extra={"failed_records": [*failed], "num_records_imported": stored},
        )
    if batch.in_data:
        # Those who send `data` want the response of `/track`.
        problem = str(failed[0]["message"]) if failed else "data, missing or empty"
        return tracking_response(request, "" if stored else problem)
    return json_response({"code": 200, "num_records_imported": stored, "status": "OK"})


def track(request: ApiRequest) -> Response:
    """Track events: 1 when one or more events are well-formed, whatever the token."""
    try:
        batch = read_batch(request)
    except InvalidBody as error:
        return tracking_response(request, str(error))
    problem = "data, missing or empty"
    accepted = 0
    with request.store.transaction():
        for record in batch.records[:MAX_RECORDS]:
            try:
                event = events.parse_record(record)
                _track(request, event)
                accepted += 1
            except InvalidRecord as failure:
                problem = failure.message
    return tracking_response(request, "" if accepted else problem)


def tracking_response(request: ApiRequest, problem: str) -> Response:
    """Return the response of ``/track``, ``/engage`` and ``/groups``: 1 or 0, with a 200.

    Args:
        request: The request; ``verbose``, ``redirect``, ``callback`` and ``img`` choose
            the format.
        problem: Why nothing was accepted; empty = something was.
    """
    parameters = request.parameters
    status = 0 if problem else 1
    body: JsonObject = {"status": status, "error": problem or None}
    verbose = parameters.get("verbose", "0") not in ("0", "")
    if target := parameters.get("redirect"):
        return RedirectResponse(target, status_code=302)
    if callback := parameters.get("callback"):
        text = dump(body) if verbose else str(status)
        return Response(f"{callback}({text});", media_type="text/javascript")
    if parameters.get("img") == "1":
        return Response(_PIXEL, media_type="image/gif")
    return json_response(body) if verbose else PlainTextResponse(str(status))


def _track(request: ApiRequest, event: RawEvent) -> None:
    token = event.properties.get("token")
    if not isinstance(token, str) or not token:
        raise InvalidRecord("properties.token", "token, missing or empty")
    project = project_by_token(token) if request.is_home_region else None
    if project is None or _join(request, project, event):
        return
    tracked = events.build_tracked(event, request.now_ms)
    if tracked.time_ms >= request.now_ms - MAX_TRACK_AGE_MS:
        events.add(request.store, project.id, [tracked])


def _join(request: ApiRequest, project: Project, event: RawEvent) -> bool:
    """Join two ids if that is all an event does; return whether it is."""
    match event.name:
        case "$identify" if "$anon_distinct_id" in event.properties:
            # As the client libraries send it, with a device's id of their own make.
            names = ("distinct_id", "$anon_distinct_id")
        case "$identify":
            names = ("$identified_id", "$anon_id")
        case "$create_alias":
            names = ("distinct_id", "alias")
        case _:
            return False
    ids = [text_id(event.properties.get(name)) for name in names]
    for name, identifier in zip(names, ids, strict=True):
        if not identifier:
            raise InvalidRecord(f"properties.{name}", f"{name}, missing or empty")
        if name == "$anon_id" and not is_uuid4(identifier):
            raise InvalidRecord(f"properties.{name}", f"{name}, must be a UUID v4")
    events.join_identities(request.store, project.id, str(ids[0]), str(ids[1]))
    return True


def _merge(
    request: ApiRequest, project: Project | None, record: Json, strict: bool
) -> bool:
    """Merge two ids if a record is a ``$merge``; return whether it is.

    The reference requires a token; the client for Go, which is not strict, sends none.
    """
    event = events.parse_record(record)
    if event.name != "$merge":
        return False
    token = event.properties.get("token")
    if strict and (not isinstance(token, str) or not token):
        raise InvalidRecord(
            "properties.token", "'properties.token' is invalid: must be set"
        )
    ids = event.properties.get("$distinct_ids")
    texts = [text_id(identifier) for identifier in ids] if isinstance(ids, list) else []
    if len(texts) != 2 or not all(texts):
        raise InvalidRecord(
            "properties.$distinct_ids",
            "'properties.$distinct_ids' is invalid: must be a list of two ids",
        )
    if project is not None:
        events.join_identities(request.store, project.id, str(texts[0]), str(texts[1]))
    return True


def _failed_record(index: int, record: Json, failure: InvalidRecord) -> JsonObject:
    properties = record.get("properties") if isinstance(record, dict) else None
    insert_id = properties.get("$insert_id") if isinstance(properties, dict) else None
    return {
        "index": index,
        "insert_id": insert_id if isinstance(insert_id, str) else "",
        "field": failure.field,
        "message": failure.message,
    }


OwnerOf = Callable[[JsonObject], tuple[str, str]]
"""Returns group key and id of a record; see `profiles.USERS`."""


class InvalidProfileRecord(ValueError):
    """The record is rejected; the message says why."""


def change_users(request: ApiRequest) -> Response:
    """Change profiles of users."""
    return _change(request, _user_of)


def change_groups(request: ApiRequest) -> Response:
    """Change profiles of groups."""
    return _change(request, _group_of)


def _change(request: ApiRequest, owner_of: OwnerOf) -> Response:
    try:
        batch = read_batch(request)
    except InvalidBody as error:
        return tracking_response(request, str(error))
    if request.is_gzipped and not batch.in_data:
        # So the reference; the clients for Java and Android compress forms.
        return tracking_response(request, "data, a compressed body is for events")
    problem = "data, missing or empty"
    failed: list[Json] = []
    records = batch.records[:MAX_RECORDS]
    with request.store.transaction():
        for index, record in enumerate(records):
            try:
                _apply(request, record, owner_of)
            except (InvalidProfileRecord, profiles.InvalidOperation) as error:
                problem = str(error)
                failed.append({"index": index, "message": problem})
    if failed and request.parameters.get("strict") == "1":
        # Documented are messages per record; their form is that of /import.
        return json_response(
            {
                "status": 0,
                "error": "some data points in the request failed validation",
                "failed_records": failed,
            }
        )
    return tracking_response(request, "" if len(failed) < len(records) else problem)


def _apply(request: ApiRequest, record: Json, owner_of: OwnerOf) -> None:
    if not isinstance(record, dict):
        raise InvalidProfileRecord("the record must be an object")
    token = record.get("$token")
    if not isinstance(token, str) or not token:
        raise InvalidProfileRecord("token, missing or empty")
    group_key, identifier = owner_of(record)
    names = [
        name
        for name in record
        if name in profiles.OPERATIONS or name in ("$unset", "$delete")
    ]
    if not names:
        raise InvalidProfileRecord("no operation such as $set in the record")
    changes = [
        profiles.operation(name, record[name]) for name in names if name != "$delete"
    ]
    project = project_by_token(token) if request.is_home_region else None
    if project is None:
        return
    if "$delete" in names:
        profiles.delete(request.store, project.id, group_key, identifier)
        return
    if group_key == profiles.USERS and not record.get("$ignore_time"):
        seen = moment(request.now_ms).strftime("%Y-%m-%dT%H:%M:%S")
        changes.append(profiles.operation("$set", {"$last_seen": seen}))
    for change in changes:
        profiles.change(request.store, project.id, group_key, identifier, change)


def _user_of(record: JsonObject) -> tuple[str, str]:
    identifier = text_id(record.get("$distinct_id"))
    if not identifier:
        raise InvalidProfileRecord("$distinct_id, missing or empty")
    return profiles.USERS, identifier


def _group_of(record: JsonObject) -> tuple[str, str]:
    key, identifier = record.get("$group_key"), text_id(record.get("$group_id"))
    if not isinstance(key, str) or not key:
        raise InvalidProfileRecord("$group_key, missing or empty")
    if not identifier:
        raise InvalidProfileRecord("$group_id, missing or empty")
    return key, identifier
