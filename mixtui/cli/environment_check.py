"""Check whether an environment is fit for use."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Draft, Method, Options
from mixtui.model.environment import (
    NO_ENVIRONMENT,
    BrokenEnvironment,
    Environment,
    Environments,
)
from mixtui.model.errors import CredentialError, ExitStatus, MixtuiError
from mixtui.model.secrets import SecretReader, SecretSource
from mixtui.model.trust import TYPED, TrustError
from mixtui.outcome.regions import other_regions
from mixtui.request.prepare import check_trust, prepare
from mixtui.text import duration


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; its fields are the keys of the JSON report."""

    environment: str
    what: str
    ok: bool
    words: str
    """The finding, or what to do."""
    exit_status: int = ExitStatus.ACCEPTED

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "problem"
        return f"{self.environment} · {self.what} · {verdict} · {self.words}"


def check_environment(
    environment: Environment, secrets: SecretReader, environments: Environments | None
) -> Iterator[CheckResult]:
    """Check region, project and credentials of an environment.

    Args:
        environment: The environment to check.
        secrets: Reads its secrets.
        environments: All environments, to ask Mixpanel as well; None = stay offline.
    """
    if environment is NO_ENVIRONMENT:
        yield CheckResult(
            environment.name,
            "environment",
            False,
            "none yet: add one with “mixtui env add” or f9 in the app, or set "
            "MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION",
            ExitStatus.CREDENTIALS,
        )
        return
    name = environment.name
    yield CheckResult(name, "region", True, str(environment.region))
    yield _check_project(environment)
    try:
        check_trust(Draft(), environment, TYPED)
    except TrustError as error:
        problem = str(error).rstrip(".")
        yield CheckResult(name, "trust", False, problem, error.exit_status)
        return  # Reading a secret may run a command.
    yield from _check_credentials(environment, secrets)
    if environments is not None and environment.credentials.service_account:
        yield _check_online(environment, secrets, environments)


def check_broken(environment: BrokenEnvironment) -> CheckResult:
    """Return what is wrong with an environment that cannot be read."""
    problem = environment.problem.rstrip(".")
    return CheckResult(
        environment.name, "environment", False, problem, ExitStatus.USAGE
    )


def exit_status(findings: Iterable[CheckResult]) -> int:
    """Return the exit status: a missing credential's if there is one, else the first problem's."""
    statuses = [finding.exit_status for finding in findings if not finding.ok]
    if ExitStatus.CREDENTIALS in statuses:
        return ExitStatus.CREDENTIALS
    return statuses[0] if statuses else ExitStatus.ACCEPTED


def _check_project(environment: Environment) -> CheckResult:
    name, project = environment.name, environment.project_id
    if project:
        return CheckResult(name, "project_id", True, project)
    return CheckResult(
        name,
        "project_id",
        False,
        f"not set: add it to {environment.origin or 'the environment'}",
        ExitStatus.USAGE,
    )


def _check_credentials(
    environment: Environment, secrets: SecretReader
) -> Iterator[CheckResult]:
    name, credentials = environment.name, environment.credentials
    sources: list[tuple[str, SecretSource]] = []
    if account := credentials.service_account:
        sources.append((f"service account {account.username}", account.secret))
    if credentials.project_secret:
        sources.append(("project secret", credentials.project_secret))
    if credentials.oauth_token:
        sources.append(("OAuth token", credentials.oauth_token))
    if credentials.project_token:
        yield CheckResult(name, "project token", True, "set")
    for label, source in sources:
        try:
            secrets.read(source)
        except MixtuiError as error:
            status = ExitStatus.CREDENTIALS
            yield CheckResult(name, label, False, str(error).rstrip("."), status)
        else:
            yield CheckResult(name, label, True, f"read from {source}")
    if not sources and not credentials.project_token:
        yield CheckResult(
            name,
            "credentials",
            False,
            "none: add a service account",
            ExitStatus.CREDENTIALS,
        )


def _check_online(
    environment: Environment, secrets: SecretReader, environments: Environments
) -> CheckResult:
    """Request /me, the test that Mixpanel names for service accounts.

    https://developer.mixpanel.com/reference/service-accounts
    """
    from mixtui.client.client import Client
    from mixtui.dispatch.dispatch import Dispatched, NoResponse, dispatch
    from mixtui.dispatch.quota import QuotaGuard
    from mixtui.outcome.quota import quota_accounts
    from mixtui.storage.paths import state_dir
    from mixtui.storage.quota import QuotaStore

    draft = Draft(
        method=Method.GET,
        api=Api.APP,
        url="/me",
        options=Options(auth=AuthChoice.SERVICE_ACCOUNT),
    )

    async def send() -> Dispatched:
        request = prepare(draft, environment)
        accounts = quota_accounts(request, environment)
        client = Client(secrets)
        try:
            with contextlib.closing(QuotaStore(state_dir())) as quota:
                return await dispatch(
                    request,
                    client=client,
                    # A quota that cannot be counted says nothing about the environment.
                    quota=QuotaGuard(quota, accounts, report=lambda _: None),
                    other_environments=other_regions(request, environments),
                )
        finally:
            await client.close()

    try:
        dispatched = asyncio.run(send())
        if isinstance(dispatched, NoResponse):
            raise dispatched.error
    except MixtuiError as error:
        text, status = str(error).rstrip("."), error.exit_status
        if isinstance(error, CredentialError):
            status = ExitStatus.CREDENTIALS
        return CheckResult(environment.name, "online", False, text, status)
    exchange, result = dispatched.exchange, dispatched.outcome
    status = exchange.response.status
    reason = exchange.redactor.redact(exchange.response.reason)
    text = f"{status} {reason}, {result.label}".replace("  ", " ")
    text += f", {duration(exchange.timing.total)}"
    if result.detail:
        text += f": {result.detail.rstrip('.')}"
    ok = result.exit_status == ExitStatus.ACCEPTED
    return CheckResult(environment.name, "online", ok, text, result.exit_status)
