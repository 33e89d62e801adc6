"""One Query call: authenticated, within plan and quota, its parameters at hand.

https://developer.mixpanel.com/reference/query-api
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from mixtui.sandbox import events, profiles
from mixtui.sandbox.authentication import query_project
from mixtui.sandbox.buckets import Buckets
from mixtui.sandbox.call import ApiCall, Handler
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.evaluation import Scope, evaluate, is_match, uses_profile
from mixtui.sandbox.events import Event
from mixtui.sandbox.expressions import Expression
from mixtui.sandbox.identity import Plan, Project
from mixtui.sandbox.json_text import Json, JsonObject
from mixtui.sandbox.parameters import Parameters

QUERIES_AT_ONCE = 5
PLAN_TEXT = "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"


@dataclass(frozen=True, slots=True)
class Query:
    """What a query handler works with."""

    call: ApiCall
    project: Project
    parameters: Parameters

    def events(self, buckets: Buckets, *names: str) -> list[Event]:
        """The project's events in these buckets, filtered by ``where``."""
        return self.where(
            "where",
            events.between(
                self.call.store,
                self.project.id,
                buckets.since_ms,
                buckets.until_ms,
                names,
            ),
        )

    def where(self, parameter: str, found: list[Event]) -> list[Event]:
        """The events for which the parameter's expression is true."""
        expression = self.parameters.expression(parameter)
        if expression is None:
            return found
        scope = self.scopes(expression)
        return [event for event in found if is_match(expression, scope(event))]

    def values(self, expression: Expression, found: list[Event]) -> list[Json]:
        """What an expression gives for each event."""
        scope = self.scopes(expression)
        return [evaluate(expression, scope(event)) for event in found]

    def scopes(self, expression: Expression) -> Callable[[Event], Scope]:
        """Event to what the expression's names stand for."""
        users: dict[str, JsonObject] = {}
        if uses_profile(expression):
            found = profiles.read(self.call.store, self.project.id)
            users = {profile.id: profile.properties for profile in found}
        return lambda event: Scope(
            event_properties(event),
            users.get(event.distinct_id, {}),
            {"$time": event.seconds, "$name": event.name},
        )


QueryHandler = Callable[[Query], Response]


def event_properties(event: Event) -> JsonObject:
    """All properties of an event as queries see them."""
    return {
        **event.properties,
        "time": event.seconds,
        "distinct_id": event.distinct_id,
        "$insert_id": event.insert_id,
    }


def query_handler(handler: QueryHandler) -> Handler:
    """The handler of a Query path whose parameters stand in the URL."""

    def handle(call: ApiCall) -> Response:
        return run(call, Parameters(dict(call.query)), handler)

    return handle


def run(
    call: ApiCall, parameters: Parameters, handler: QueryHandler, *, counts: bool = True
) -> Response:
    """Check who asks, the plan and the quota, then let the handler answer.

    Args:
        call: The call.
        parameters: Its parameters, wherever they stand.
        handler: What answers.
        counts: Whether it uses up quota.
    """
    project = query_project(call, call.query.get("project_id"))
    if project.plan is Plan.FREE:
        raise Refusal(402, PLAN_TEXT)
    parameters.whole("workspace_id")
    with call.state.queries.use(project.id, counts=counts):
        return handler(Query(call, project, parameters))
