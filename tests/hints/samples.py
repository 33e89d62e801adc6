"""Drafts for the tests of hints, and values with a fixed clock."""

from __future__ import annotations

from datetime import UTC, datetime

from mixtui.hints import Hint, find_hints
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.secrets import FromVariable
from mixtui.request.templates import Values

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ENVIRONMENT = Environment(
    "prod",
    project_id="1",
    workspace_id="2",
    organization_id="3",
    credentials=Credentials(
        project_token="abc",
        service_account=ServiceAccount("ci", FromVariable("MP_SECRET")),
    ),
)


def values(environment: Environment = ENVIRONMENT) -> Values:
    return Values(
        environment,
        process={"WORD": "hush-hush"},
        now=lambda: NOW,
        new_uuid=lambda: "5c1f8a4e-1111-4000-8000-000000000000",
    )


def make_draft(
    method: str,
    api: str,
    url: str,
    *rows: str,
    body: str = "",
    kind: str = "json",
    options: Options | None = None,
    headers: tuple[Pair, ...] = (),
) -> Draft:
    """Make a draft; a row is ``name=value``, and ``-name=value`` is disabled."""
    return Draft(
        method=Method(method),
        api=Api(api),
        url=url,
        query=tuple(parse_row(row) for row in rows),
        headers=headers,
        body=Body(BodyType(kind), body) if body else None,
        options=options or Options(),
    )


def parse_row(row: str) -> Pair:
    name, _, value = row.partition("=")
    return Pair(name.removeprefix("-"), value, enabled=not name.startswith("-"))


def hints_of(draft: Draft, environment: Environment = ENVIRONMENT) -> tuple[Hint, ...]:
    return find_hints(draft, environment, values=values(environment))


def messages_of(draft: Draft, environment: Environment = ENVIRONMENT) -> list[str]:
    return [hint.message for hint in hints_of(draft, environment)]
