"""Prepared requests and exchanges for the tests of the core."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, Draft, Headers, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.exchange import Exchange, Response, SentRequest, Timing
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import FromVariable, Secret, SecretReader
from mixtui.request.prepare import prepare

SECRET = "kq7-very-secret-zx9"
READER = SecretReader(variables={"DEMO_SECRET": SECRET})
ENVIRONMENT = Environment(
    name="demo",
    project_id="123",
    credentials=Credentials(
        project_token="tok123",
        service_account=ServiceAccount("ci.1a2b", FromVariable("DEMO_SECRET")),
    ),
)


def prepared(
    method: Method = Method.GET,
    url: str = "/query/events",
    *,
    api: Api = Api.QUERY,
    base: str = "",
    query: Sequence[tuple[str, str]] = (),
    headers: Sequence[tuple[str, str]] = (),
    body: Body | None = None,
    auth: AuthChoice = AuthChoice.NONE,
    environment: Environment = ENVIRONMENT,
    follow_redirects: bool = True,
    **changes: Any,
) -> PreparedRequest:
    """A request made the usual way.

    Args:
        base: Sent there instead of to Mixpanel.
        changes: Fields of the prepared request to set in the end.
    """
    if base:
        environment = replace(environment, hosts={api: base})
    draft = Draft(
        method=method,
        api=api,
        url=url,
        query=tuple(Pair(name, value) for name, value in query),
        headers=tuple(Pair(name, value) for name, value in headers),
        body=body,
        options=Options(auth=auth, follow_redirects=follow_redirects),
    )
    return replace(prepare(draft, environment), **changes)


def exchange(
    status: int = 200,
    body: bytes = b"",
    *,
    headers: Headers = (),
    request: PreparedRequest | None = None,
    sensitive: tuple[Secret, ...] = (),
    not_followed: str = "",
    cut_short: str = "",
    written: int | None = None,
) -> Exchange:
    """An exchange as the client makes it."""
    request = replace(request or prepared(), sensitive=sensitive)
    return Exchange(
        request=request,
        sent=SentRequest(request.method, request.url, "HTTP/1.1", (), b""),
        response=Response(
            status,
            "",
            "HTTP/1.1",
            headers,
            body,
            wire_bytes=len(body),
            cut_short=cut_short,
            written=written,
        ),
        timing=Timing(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 0.2, 1.0),
        not_followed=not_followed,
        redactor=request.redactor,
    )
