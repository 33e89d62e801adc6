"""Test a credential with Mixpanel, and find its region and its projects.

One read a region, all at once, and none repeated: an account belongs to a region, and
Mixpanel documents no request that names it. What Mixpanel cannot say is asked:

- A service account: ``GET /me``, which also lists its projects.
- A project secret: ``GET /events/names``; it belongs to one project and names none.
- A project token alone: nothing. Ingestion accepts any token, and checks it later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import AuthChoice, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment
from mixtui.model.errors import CredentialError, ExitStatus, MixtuiError
from mixtui.model.secrets import FromCredentialsFile, Secret, SecretSource, TypedSecret
from mixtui.outcome.projects import Project, read_projects
from mixtui.request.prepare import prepare
from mixtui.text import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mixtui.dispatch.dispatch import Completed
    from mixtui.model.prepared import PreparedRequest

SendQuietly = Callable[["PreparedRequest", Environment], Awaitable["Completed"]]
"""Sends a request of an environment, counts it there and stores nothing.

Raises MixtuiError without a response.
"""

TIMEOUT = 20.0
"""Seconds without a byte of a response: somebody waits for it in front of a form."""
_NO_RESPONSE = "no response"
_REJECTED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Verdict(Enum):
    """What a response says about a credential."""

    ACCEPTED = auto()
    REJECTED = auto()
    UNKNOWN = auto()
    """No response, or one that is not about the credential."""


class RegionCheck(Struct, frozen=True):
    """What a region said about a credential."""

    region: Region
    verdict: Verdict
    label: str
    """The status, or that no response came."""
    detail: str
    """In full, with the outcome; no final full stop."""
    exit_status: int = ExitStatus.ACCEPTED
    projects: tuple[Project, ...] | None = None
    """None = the response does not list them."""

    @property
    def has_responded(self) -> bool:
        """Whether any response came."""
        return self.label != _NO_RESPONSE


class Discovery(Struct, frozen=True):
    """What the regions said about a credential."""

    credential: str
    """Such as ``service account ci.1a2b3c.mp-service-account``; empty = there is none."""
    checks: tuple[RegionCheck, ...] = ()

    @property
    def accepted(self) -> tuple[RegionCheck, ...]:
        """The regions that accepted it."""
        return tuple(c for c in self.checks if c.verdict is Verdict.ACCEPTED)

    @property
    def is_rejected(self) -> bool:
        """Whether every region rejected it."""
        verdicts = {check.verdict for check in self.checks}
        return verdicts == {Verdict.REJECTED}

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions that accepted it."""
        return tuple(check.region for check in self.accepted)

    @property
    def projects(self) -> tuple[tuple[Region, Project], ...]:
        """The projects that it can access, with the region of each."""
        return tuple((c.region, p) for c in self.accepted for p in c.projects or ())

    @property
    def exit_status(self) -> int:
        """0 if a region accepted it, else that of the first that did not."""
        if self.accepted or not self.checks:
            return ExitStatus.ACCEPTED
        statuses = [check.exit_status for check in self.checks]
        unknown = [s for s in statuses if s != ExitStatus.CREDENTIALS]
        return unknown[0] if unknown else ExitStatus.CREDENTIALS

    @property
    def sentence(self) -> str:
        """What was found, and what to do if that is not enough."""
        if not self.credential:
            return "Nothing to test yet: enter a service account."
        if not self.checks:
            return (
                "Mixpanel accepts any project token and checks it later, so there is "
                "nothing to test."
            )
        if self.accepted:
            where = " and ".join(self.regions)
            others = [c for c in self.checks if c.verdict is not Verdict.ACCEPTED]
            rest = f" ({_labels(others)})" if others else ""
            return f"The {self.credential} works in {where}{rest}."
        if self.is_rejected:
            return (
                f"Mixpanel rejected the {self.credential} ({_labels(self.checks)}). Check "
                "both its parts; it may have expired or been deleted."
                if self.credential.startswith("service")
                else f"Mixpanel rejected the {self.credential} ({_labels(self.checks)}). "
                "Copy it again from the project settings."
            )
        unknown = [c for c in self.checks if c.verdict is Verdict.UNKNOWN]
        reason = unknown[0].detail
        if len({check.detail for check in self.checks}) == 1:
            return f"The {self.credential} was not tested: {reason}."
        if not any(check.has_responded for check in self.checks):
            # In each the same, but for its host.
            return f"No region responded, so the {self.credential} was not tested. {reason}."
        return (
            f"No region accepted the {self.credential} ({_labels(self.checks)}). "
            f"{unknown[0].region}: {reason}."
        )


def _labels(checks: Sequence[RegionCheck]) -> str:
    """Return such as ``us 401, eu no response``."""
    return ", ".join(f"{check.region} {check.label}" for check in checks)


def with_typed_secrets(
    environment: Environment, typed: Mapping[str, Secret]
) -> Environment:
    """Return an environment that can be tested before its secrets are stored.

    Args:
        environment: As it will be saved.
        typed: What was typed, by kind (service_account, project_secret, oauth_token).
    """

    def source(kind: str, declared: SecretSource | None) -> SecretSource | None:
        is_typed = isinstance(declared, FromCredentialsFile) and kind in typed
        return TypedSecret(typed[kind]) if is_typed else declared

    credentials = environment.credentials
    account = credentials.service_account
    if account is not None:
        secret = source("service_account", account.secret)
        assert secret is not None
        account = replace(account, secret=secret)
    return replace(
        environment,
        credentials=replace(
            credentials,
            service_account=account,
            project_secret=source("project_secret", credentials.project_secret),
            oauth_token=source("oauth_token", credentials.oauth_token),
        ),
    )


async def discover(environment: Environment, send: SendQuietly) -> Discovery:
    """Test the credential of an environment in every region.

    A host of the environment's own stands for all of them: then only its region is tried.

    Args:
        environment: Has a credential; its region and project do not matter.
        send: Sends a request.
    """
    test = _test_request(environment.credentials)
    if test is None:
        return Discovery(
            "project token" if environment.credentials.project_token else ""
        )
    draft, credential = test
    regions = (environment.region,) if draft.api in environment.hosts else tuple(Region)
    checks = await asyncio.gather(
        *(check_region(replace(environment, region=region), send) for region in regions)
    )
    return Discovery(credential, tuple(checks))


async def check_region(environment: Environment, send: SendQuietly) -> RegionCheck:
    """Test the credential of an environment in its region.

    Args:
        environment: Has a service account or a project secret.
        send: Sends a request.
    """
    test = _test_request(environment.credentials)
    assert test is not None
    draft, region = test[0], environment.region
    try:
        # A project secret names its project; a service account is asked for all of them.
        request = prepare(draft, environment)
        completed = await send(request, environment)
    except MixtuiError as error:
        status = error.exit_status
        if isinstance(error, CredentialError):
            status = ExitStatus.CREDENTIALS
        detail = str(error).rstrip(".")
        return RegionCheck(region, Verdict.UNKNOWN, _NO_RESPONSE, detail, status)
    projects = None
    if draft.api is Api.APP:
        body = completed.exchange.response.body
        projects = await asyncio.to_thread(read_projects, body)
    return _judge(completed, region, projects, needs_projects=draft.api is Api.APP)


def _test_request(credentials: Credentials) -> tuple[Draft, str] | None:
    """Return the read that tests a credential, and what that is called."""
    if account := credentials.service_account:
        options = Options(auth=AuthChoice.SERVICE_ACCOUNT, timeout=TIMEOUT)
        draft = Draft(method=Method.GET, api=Api.APP, url="/me", options=options)
        return draft, f"service account {account.username}"
    if credentials.project_secret:
        options = Options(auth=AuthChoice.PROJECT_SECRET, timeout=TIMEOUT)
        query = (Pair("type", "general"), Pair("limit", "1"))
        draft = Draft(api=Api.QUERY, url="/query/events/names", query=query)
        return replace(draft, options=options), "project secret"
    return None


def _judge(
    completed: Completed,
    region: Region,
    projects: tuple[Project, ...] | None,
    *,
    needs_projects: bool,
) -> RegionCheck:
    exchange, outcome = completed.exchange, completed.outcome
    status = exchange.response.status
    reason = exchange.redactor.redact(exchange.response.reason)
    answer = f"{status} {reason}".rstrip()
    detail = f"{answer}, {outcome.label}, {duration(exchange.timing.total)}"
    if outcome.detail:
        detail += f": {outcome.detail.rstrip('.')}"
    is_accepted = outcome.exit_status == ExitStatus.ACCEPTED
    if is_accepted and needs_projects and projects is None:
        # A login page, or a proxy's: a 200 alone proves nothing.
        detail += (
            ", but the response does not list projects: check the network, as a proxy or a "
            "login page may have responded"
        )
        verdict = Verdict.UNKNOWN
    elif is_accepted or status == HTTPStatus.PAYMENT_REQUIRED:
        # The plan is checked after the credential.
        verdict = Verdict.ACCEPTED
    else:
        # Query answers 400 to a wrong credential.
        is_rejected = status in _REJECTED or (
            status == HTTPStatus.BAD_REQUEST and not needs_projects
        )
        verdict = Verdict.REJECTED if is_rejected else Verdict.UNKNOWN
    return RegionCheck(
        region, verdict, str(status), detail, outcome.exit_status, projects
    )
