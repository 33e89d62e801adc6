"""Query's ``/engage``, ``/cohorts/list`` and ``/stream/query``.

https://developer.mixpanel.com/reference/engage-query
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from starlette.responses import Response

from mixtui.sandbox.data import events, profiles
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.expressions import Scope, is_match, parse
from mixtui.sandbox.data.identity import COMPANY_GROUP_ID
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.profiles import Profile
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.query import query as stretches
from mixtui.sandbox.query.query import (
    Parameters,
    Query,
    Unit,
    event_properties,
    read_parameters,
    run,
)
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response

PAGE_SIZE = 1000
_GROUPS = {str(COMPANY_GROUP_ID): "company"}
# Mixpanel's message for a page of an expired query.
_EXPIRED_QUERY_TEXT = "request for page in uncached query for params"


class Page(Struct, frozen=True):
    """One page of a result."""

    number: int
    size: int
    session_id: str

    def response(self, results: Sequence[JsonObject]) -> Response:
        """Return the response for this page of the results."""
        start = self.number * self.size
        rows: list[Json] = []
        rows += results[start : start + self.size]
        return json_response(
            {
                "page": self.number,
                "page_size": self.size,
                "session_id": self.session_id,
                "status": "ok",
                "total": len(results),
                "results": rows,
            }
        )


def engage(request: ApiRequest) -> Response:
    """/engage: profiles, a page at a time."""
    parameters = read_parameters(request)
    # Following pages of a query do not count (airbytehq/airbyte#57513).
    is_following_page = parameters.optional("page") not in ("", "0")
    return run(request, parameters, _engage, counts=not is_following_page)


def list_cohorts(query: Query) -> Response:
    """/cohorts/list: saved cohorts with their current number of profiles."""
    store, project_id = query.request.store, query.project.id
    users = profiles.read(store, project_id)
    rows: list[Json] = []
    for cohort in documents.read_all(store, project_id, Kind.COHORT):
        members = _members(users, str(cohort["where"]))
        shown = {name: value for name, value in cohort.items() if name != "where"}
        rows.append({"count": len(members), **shown})
    return json_response(rows)


def activity(query: Query) -> Response:
    """GET /stream/query: the events of a few users."""
    users = set(query.parameters.names("distinct_ids"))
    first, last = query.parameters.dates()
    days = stretches.buckets_between(first, last, Unit.DAY)
    selected = events.events_between(
        query.request.store, query.project.id, days.since_ms, days.until_ms
    )
    rows: list[Json] = []
    rows += [
        {"event": event.name, "properties": event_properties(event)}
        for event in selected
        if event.distinct_id in users
    ]
    return json_response({"status": "ok", "results": {"events": rows}})


def _engage(query: Query) -> Response:
    parameters = query.parameters
    number = parameters.integer("page", 0, minimum=0, maximum=10**9)
    size = parameters.integer("page_size", PAGE_SIZE, maximum=PAGE_SIZE)
    session_id = parameters.optional("session_id")
    sessions = query.request.state.sessions
    if number > 0 and not session_id:
        raise Refusal(400, "page requires the session_id of the first page")
    if session_id:
        stored = sessions.find(session_id)
        if stored is None:
            raise Refusal(400, _EXPIRED_QUERY_TEXT)
        return Page(number, size, session_id).response(stored)
    results = _results(query)
    return Page(0, size, sessions.start(results)).response(results)


def _results(query: Query) -> list[JsonObject]:
    parameters = query.parameters
    if parameters.optional("behaviors"):
        raise Refusal(400, "The sandbox does not select profiles by behaviors")
    # They have no effect here, but must be valid.
    parameters.optional_integer("as_of_timestamp")
    parameters.boolean("include_all_users")
    wanted = parameters.optional_names("output_properties")
    selected = profiles.read(
        query.request.store, query.project.id, _group_key(parameters)
    )
    selected = _filter(query, selected)
    return [
        {
            "$distinct_id": profile.id,
            "$properties": {
                name: value
                for name, value in profile.properties.items()
                if not wanted or name in wanted
            },
        }
        for profile in selected
    ]


def _filter(query: Query, selected: list[Profile]) -> list[Profile]:
    parameters = query.parameters
    ids = parameters.optional_names("distinct_ids")
    if single_id := parameters.optional("distinct_id"):
        ids.append(single_id)
    if ids:
        selected = [profile for profile in selected if profile.id in ids]
    if parameters.optional("filter_by_cohort"):
        selected = _members(selected, _cohort_expression(query))
    expression = parameters.expression("where")
    if expression is None:
        return selected
    return [
        p for p in selected if is_match(expression, Scope(p.properties, p.properties))
    ]


def _members(users: list[Profile], where: str) -> list[Profile]:
    expression = parse(where)
    return [u for u in users if is_match(expression, Scope(u.properties, u.properties))]


def _cohort_expression(query: Query) -> str:
    choice = query.parameters.json("filter_by_cohort")
    identifier = choice.get("id") if isinstance(choice, dict) else None
    cohort = documents.read(
        query.request.store, query.project.id, Kind.COHORT, str(identifier)
    )
    if cohort is None:
        raise Refusal(400, f"Invalid cohort id: {identifier}")
    return str(cohort["where"])


def _group_key(parameters: Parameters) -> str:
    identifier = parameters.optional("data_group_id")
    if identifier and identifier not in _GROUPS:
        raise Refusal(400, f"Invalid data_group_id: {identifier}")
    return _GROUPS.get(identifier, profiles.USERS)
