"""Run a Query request: credentials, plan, quota, parameters and time buckets.

https://developer.mixpanel.com/reference/query-api
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct
from starlette.responses import Response

from mixtui.patterns import compile_late
from mixtui.sandbox.data import events, profiles
from mixtui.sandbox.data.events import Event
from mixtui.sandbox.data.expressions import (
    Expression,
    ExpressionError,
    Scope,
    evaluate,
    is_match,
    parse,
    uses_profile,
)
from mixtui.sandbox.data.identity import Plan, Project, midnight, milliseconds
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.json_text import parse as parse_json
from mixtui.sandbox.requests.authentication import query_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import MAX_BYTES, ApiRequest, Handler

MAX_BUCKETS = 20_000


class Unit(StrEnum):
    """The length of a bucket. Weeks begin on Monday."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Buckets(Struct, frozen=True):
    """Consecutive time ranges without gaps, in order."""

    starts: tuple[int, ...]
    """Their first milliseconds."""
    labels: tuple[str, ...]
    since_ms: int
    """The requested start; the first bucket may begin earlier."""
    until_ms: int
    """The end, exclusive."""

    def label(self, time_ms: int) -> str:
        """Return the label of the bucket that contains a time."""
        return self.labels[self.index(time_ms)]

    def index(self, time_ms: int) -> int:
        """Return the index of the bucket that contains a time."""
        return max(0, bisect_right(self.starts, time_ms) - 1)


def buckets_between(first: date, last: date, unit: Unit) -> Buckets:
    """Return buckets of full units that cover the days first to last."""
    starts = [
        unit_start(unit, datetime(first.year, first.month, first.day, tzinfo=UTC))
    ]
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    while (following := next_start(unit, starts[-1])) < end:
        starts.append(following)
        if len(starts) > MAX_BUCKETS:
            raise Refusal(400, f"More than {MAX_BUCKETS} values: choose a longer unit")
    return _buckets(starts, unit, midnight(first), milliseconds(end))


def by_days(first: date, last: date, days: int) -> Buckets:
    """Return buckets of a number of days, starting on first."""
    end = midnight(last + timedelta(days=1))
    count = -(-((last - first).days + 1) // days)
    if count > MAX_BUCKETS:
        raise Refusal(400, f"More than {MAX_BUCKETS} values: choose a longer interval")
    midnights = [first + timedelta(days=days * n) for n in range(count)]
    starts = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in midnights]
    return _buckets(starts, Unit.DAY, midnight(first), end)


def last_buckets(now: datetime, unit: Unit, count: int) -> Buckets:
    """Return `count` units, the last of which contains now."""
    starts = [unit_start(unit, now)]
    while len(starts) < count:
        starts.append(unit_start(unit, starts[-1] - timedelta(minutes=1)))
    starts.reverse()
    until = milliseconds(next_start(unit, starts[-1]))
    return _buckets(starts, unit, milliseconds(starts[0]), until)


def _buckets(
    starts: list[datetime], unit: Unit, since_ms: int, until_ms: int
) -> Buckets:
    date_format = (
        "%Y-%m-%d %H:%M:00" if unit in (Unit.MINUTE, Unit.HOUR) else "%Y-%m-%d"
    )
    return Buckets(
        tuple(milliseconds(start) for start in starts),
        tuple(start.strftime(date_format) for start in starts),
        since_ms,
        until_ms,
    )


def unit_start(unit: Unit, moment: datetime) -> datetime:
    match unit:
        case Unit.MINUTE:
            return moment.replace(second=0, microsecond=0)
        case Unit.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case Unit.WEEK:
            return day - timedelta(days=day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)
        case _:
            return day


def next_start(unit: Unit, start: datetime) -> datetime:
    match unit:
        case Unit.MINUTE:
            return start + timedelta(minutes=1)
        case Unit.HOUR:
            return start + timedelta(hours=1)
        case Unit.DAY:
            return start + timedelta(days=1)
        case Unit.WEEK:
            return start + timedelta(days=7)
        case Unit.MONTH:
            return (start + timedelta(days=32)).replace(day=1)


# Later years are beyond the range of dates and databases.
_DATE = compile_late(r"(19[7-9]\d|20\d\d)-\d\d-\d\d")
Choice = TypeVar("Choice", bound=StrEnum)


class Parameters(Struct, frozen=True):
    """Names and texts."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a required text."""
        value = self.values.get(name, "")
        if not value:
            raise Refusal(400, f"Missing required parameter: {name}")
        return value

    def optional(self, name: str) -> str:
        """Return a text, empty when absent."""
        return self.values.get(name, "")

    def day(self, name: str) -> date:
        """Return a required date, yyyy-mm-dd."""
        text = self.text(name)
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise Refusal(400, f"{name} must be a date in yyyy-mm-dd format, not {text!r}")

    def dates(self) -> tuple[date, date]:
        """Return ``from_date`` and ``to_date``, both inclusive."""
        first, last = self.day("from_date"), self.day("to_date")
        if first > last:
            raise Refusal(400, "from_date cannot be later than to_date")
        return first, last

    def integer(
        self, name: str, default: int, *, minimum: int = 1, maximum: int
    ) -> int:
        """Return a whole number within its bounds."""
        number = self.optional_integer(name)
        if number is None:
            return default
        if not minimum <= number <= maximum:
            raise Refusal(400, f"{name} must be between {minimum} and {maximum}")
        return number

    def optional_integer(self, name: str) -> int | None:
        """Return a whole number; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise Refusal(400, f"{name} must be an integer, not {text!r}") from None

    def boolean(self, name: str) -> bool:
        """Parse a boolean: ``true`` and ``1``, or ``false``, ``0`` and absent."""
        text = self.optional(name).lower()
        if text not in ("", "true", "1", "false", "0"):
            raise Refusal(400, f"{name} must be true or false, not {text!r}")
        return text in ("true", "1")

    def choice(
        self, name: str, default: Choice, allowed_values: Sequence[Choice] = ()
    ) -> Choice:
        """Return one of a fixed set of words.

        Args:
            name: The parameter.
            default: The value if it is absent.
            among: The allowed words; empty = all of the enumeration.
        """
        text = self.optional(name)
        allowed = allowed_values or list(type(default))
        if not text:
            return default
        for choice in allowed:
            if choice == text:
                return choice
        label = ", ".join(allowed)
        raise Refusal(400, f"{name} must be one of {label}, not {text!r}")

    def required_choice(
        self, name: str, kind: type[Choice], allowed_values: Sequence[Choice] = ()
    ) -> Choice:
        """Return one of a fixed set of words, which is required; see `choice`."""
        self.text(name)
        return self.choice(name, next(iter(kind)), allowed_values)

    def names(self, name: str) -> list[str]:
        """Return a required JSON list of texts, such as ``["a", "b"]``."""
        self.text(name)
        return self.optional_names(name)

    def optional_names(self, name: str) -> list[str]:
        """Return a JSON list of texts, empty when absent."""
        if not self.optional(name):
            return []
        value = self.json(name)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise Refusal(400, f"Invalid JSON Format: {name}")
        return [str(item) for item in value]

    def json(self, name: str) -> Json:
        """Return a JSON value; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return parse_json(text)
        except ValueError:
            # The wording is Mixpanel's (michaelcarter/mixpanel-data-export-js#29).
            raise Refusal(400, f"Invalid JSON Format: {name}") from None

    def expression(self, name: str) -> Expression | None:
        """Return a segmentation expression; None when absent."""
        text = self.optional(name)
        if not text:
            return None
        try:
            return parse(text)
        except ExpressionError as error:
            raise Refusal(
                400, f"Unable to parse expression for {name}: {error}"
            ) from None


def read_parameters(request: ApiRequest) -> Parameters:
    """Return the parameters of a Query: in its URL, and in a form or a JSON object."""
    return Parameters({**dict(request.parameters), **_json_members(request)})


def _json_members(request: ApiRequest) -> dict[str, str]:
    """Return the members of a JSON body as the texts of a form."""
    if request.content_type != "application/json" or not request.content.strip():
        return {}
    try:
        value = parse_json(request.body(MAX_BYTES))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid JSON Format: body")
    return {
        name: member if isinstance(member, str) else json.dumps(member)
        for name, member in value.items()
    }


MAX_CONCURRENT_QUERIES = 5
PLAN_TEXT = "Your plan does not allow API calls. Upgrade at mixpanel.com/pricing"


class Query(Struct, frozen=True):
    """The input of a query handler."""

    request: ApiRequest
    project: Project
    parameters: Parameters

    def events(self, buckets: Buckets, *names: str) -> list[Event]:
        """Return the project's events in these buckets, filtered by ``where``."""
        return self.where(
            "where",
            events.events_between(
                self.request.store,
                self.project.id,
                buckets.since_ms,
                buckets.until_ms,
                names,
            ),
        )

    def where(self, parameter: str, selected: list[Event]) -> list[Event]:
        """Return the events that match the parameter's expression."""
        expression = self.parameters.expression(parameter)
        if expression is None:
            return selected
        scope = self.scopes(expression)
        return [event for event in selected if is_match(expression, scope(event))]

    def values(self, expression: Expression, selected: list[Event]) -> list[Json]:
        """Return the value of an expression for each event."""
        scope = self.scopes(expression)
        return [evaluate(expression, scope(event)) for event in selected]

    def scopes(self, expression: Expression) -> Callable[[Event], Scope]:
        """Return the values of the expression's properties for each event."""
        users: dict[str, JsonObject] = {}
        if uses_profile(expression):
            people = profiles.read(self.request.store, self.project.id)
            users = {profile.id: profile.properties for profile in people}
        return lambda event: Scope(
            event_properties(event),
            users.get(event.distinct_id, {}),
            {"$time": event.seconds, "$name": event.name},
        )


QueryHandler = Callable[[Query], Response]


def event_properties(event: Event) -> JsonObject:
    """Return all properties of an event, as in queries."""
    return {
        **event.properties,
        "time": event.seconds,
        "distinct_id": event.distinct_id,
        "$insert_id": event.insert_id,
    }


def query_handler(handler: QueryHandler) -> Handler:
    """Return the handler of a Query path."""

    def handle(request: ApiRequest) -> Response:
        return run(request, read_parameters(request), handler)

    return handle


def run(
    request: ApiRequest,
    parameters: Parameters,
    handler: QueryHandler,
    *,
    counts: bool = True,
) -> Response:
    """Check credentials, plan and quota, then call the handler.

    Args:
        request: The request.
        parameters: Its parameters.
        handler: Computes the response.
        counts: Whether it counts against the quota.
    """
    project = query_project(request, parameters.optional("project_id"))
    if project.plan is Plan.FREE:
        raise Refusal(402, PLAN_TEXT)
    parameters.optional_integer("workspace_id")
    with request.state.queries.use(project.id, counts=counts):
        return handler(Query(request, project, parameters))
