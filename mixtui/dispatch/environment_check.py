"""Check whether an environment is fit for use."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from mixtui.dispatch.discovery import (
    Discovery,
    SendQuietly,
    Verdict,
    check_region,
    discover,
)
from mixtui.model.draft import Draft
from mixtui.model.environment import BrokenEnvironment, Environment
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.model.secrets import SecretReader, SecretSource
from mixtui.model.trust import TYPED, TrustError
from mixtui.request.prepare import check_trust
from mixtui.system import CancelToken


class CheckResult(Struct, frozen=True):
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
    environment: Environment, secrets: SecretReader
) -> Iterator[CheckResult]:
    """Check region, project and credentials of an environment; send nothing.

    Blocking: it may run a command or query a key ring.

    Args:
        environment: The environment to check.
        secrets: Reads its secrets.
    """
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


def can_check_online(environment: Environment, results: Iterable[CheckResult]) -> bool:
    """Whether Mixpanel can be asked: a service account that may be read."""
    is_trusted = all(result.ok for result in results if result.what == "trust")
    return bool(environment.credentials.service_account) and is_trusted


def check_broken(environment: BrokenEnvironment) -> CheckResult:
    """Return what is wrong with an environment that cannot be read."""
    problem = environment.problem.rstrip(".")
    return CheckResult(
        environment.name, "environment", False, problem, ExitStatus.USAGE
    )


def exit_status(findings: Iterable[CheckResult]) -> int:
    """Return the exit status: a missing credential's if there is one, else the first problem's."""
    return worst_status(finding.exit_status for finding in findings if not finding.ok)


def worst_status(statuses: Iterable[int]) -> int:
    """Return the exit status of several checks: a credential's, else the first problem's."""
    problems = [status for status in statuses if status != ExitStatus.ACCEPTED]
    if ExitStatus.CREDENTIALS in problems:
        return ExitStatus.CREDENTIALS
    return problems[0] if problems else ExitStatus.ACCEPTED


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


async def check_online(environment: Environment, send: SendQuietly) -> CheckResult:
    """Test the service account of an environment with Mixpanel, in its region."""
    check = await check_region(environment, send)
    ok = check.verdict is Verdict.ACCEPTED
    status = ExitStatus.ACCEPTED if ok else check.exit_status or ExitStatus.NO_RESPONSE
    return CheckResult(environment.name, "online", ok, check.detail, status)


class EnvironmentTest(Struct, frozen=True):
    """What a test of an environment found."""

    discovery: Discovery
    problems: tuple[str, ...] = ()
    """A sentence for each secret that cannot be read."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, as far as that can be tested."""
        is_accepted = bool(self.discovery.accepted) or not self.discovery.checks
        return is_accepted and not self.problems

    @property
    def sentence(self) -> str:
        """What was found, in one or more sentences."""
        return " ".join((self.discovery.sentence, *self.problems))


class EnvironmentTester(Struct, frozen=True):
    """Tests environments before they are saved, for forms and the command line."""

    secrets: SecretReader
    send: SendQuietly

    async def test(self, environment: Environment) -> EnvironmentTest:
        """Read every secret of an environment, and try its credential in every region.

        Args:
            environment: Typed secrets are `TypedSecret`.
        """
        token = CancelToken()
        reader = replace(self.secrets, token=token)
        try:
            findings = await asyncio.to_thread(
                lambda: list(_check_credentials(environment, reader))
            )
        except asyncio.CancelledError:
            token.cancel()  # A command that is run for a secret.
            raise
        discovery = await discover(environment, self.send)
        reported = discovery.sentence
        problems = tuple(
            f"{finding.words}."
            for finding in findings
            if not finding.ok and finding.words not in reported
        )
        return EnvironmentTest(discovery, problems)
