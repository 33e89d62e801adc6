"""``mixtui env add`` without a name: ask step by step, and find what Mixpanel knows."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Sequence
from shlex import quote

from msgspec import Struct, field
from msgspec.structs import replace

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.quiet_sender import QuietSender
from mixtui.cli.secret_source import KINDS, parse_source
from mixtui.dispatch.discovery import Discovery, with_typed_secrets
from mixtui.dispatch.environment_check import EnvironmentTest, EnvironmentTester
from mixtui.mixpanel.apis import Region
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.errors import ExitStatus
from mixtui.model.secrets import FromCredentialsFile, Secret
from mixtui.outcome.projects import Project
from mixtui.session import Session
from mixtui.storage.environment_proposal import looks_like_production, propose_name
from mixtui.storage.environments import name_problem
from mixtui.storage.paths import ENVIRONMENTS_FILE

_LISTED = 15
"""Projects that are listed; of more, those that a text finds."""
_WRITES = ("confirm", "read-only", "unconfirmed")


class _Answers(Struct, frozen=True):
    """What was asked for, as far as it is known."""

    environment: Environment
    typed: dict[str, Secret] = field(default_factory=dict)
    """Typed secrets, by kind."""


class EnvironmentSetup:
    """Asks for one environment, on a terminal."""

    def __init__(self, arguments: Namespace, console: Console) -> None:
        """Open the session.

        Args:
            arguments: Of ``env add``; what they have is not asked for.
            console: A terminal.

        Raises:
            SettingsError: A file is invalid.
        """
        self._arguments = arguments
        self._console = console
        self._session: Session = session_from_arguments(
            arguments, console, needs_environment=False
        )
        self._store = self._session.environment_store()
        self._used = {each.name for each in self._store.load().all}

    def run(self) -> int:
        """Ask, save, and say what to do next; return the exit status."""
        try:
            answers, found = self._ask_credentials()
            region, project = self._ask_project(found)
            name = self._ask_name(project)
            environment = self._with_safety(
                replace(
                    answers.environment,
                    name=name,
                    region=region,
                    project_id=project.id,
                    workspace_id=self._arguments.workspace_id or project.workspace_id,
                    organization_id=self._arguments.organization_id
                    or project.organization_id,
                ),
                project,
            )
        except EOFError:
            raise KeyboardInterrupt from None
        environment = _renamed_sources(environment)
        self._store.save(environment, None, answers.typed)
        if self._arguments.default:
            self._store.set_default(name)
        path = self._session.config / ENVIRONMENTS_FILE
        self._console.report(f"Added the environment {name} to {path}.")
        credentials = environment.credentials
        if credentials.service_account or credentials.project_secret:
            self._console.report(
                "Next: mixtui send GET /query/events/names --api query "
                f"-q type=general --env {quote(name)}"
            )
        self._console.report("Starter requests: mixtui init DIR")
        return ExitStatus.ACCEPTED

    # Credentials

    def _ask_credentials(self) -> tuple[_Answers, Discovery]:
        """Ask for credentials until they work or are to be used without a test."""
        while True:
            answers = self._ask_once()
            if self._arguments.no_check:
                return answers, Discovery("")
            result = self._test(answers)
            self._console.report(result.sentence)
            if result.ok or not self._confirm("Enter the credentials again?"):
                return answers, result.discovery
            # What the command line had was wrong, too.
            self._arguments.service_account = self._arguments.token = ""
            self._arguments.secret = None

    def _ask_once(self) -> _Answers:
        arguments = self._arguments
        environment = Environment("new")
        if arguments.token and not arguments.service_account:
            return _Answers(
                replace(environment, credentials=Credentials(arguments.token))
            )
        username = arguments.service_account or self._console.ask(
            "Username of the service account (empty: use a project token):"
        )
        if not username.strip():
            token = self._required("Project token:")
            return _Answers(replace(environment, credentials=Credentials(token)))
        kind, typed = "service_account", {}
        source = arguments.secret
        if source in (None, "-"):
            text = self._required(
                "Secret, not shown (or its source, such as env:NAME):",
                secret=True,
            )
            is_source = text.partition(":")[0] in KINDS and ":" in text
            source = text if is_source else "-"
            if not is_source:
                typed[kind] = Secret(text)
        account = ServiceAccount(username.strip(), parse_source(source, "new", kind))
        credentials = Credentials(arguments.token, account)
        return _Answers(replace(environment, credentials=credentials), typed)

    def _test(self, answers: _Answers) -> EnvironmentTest:
        self._console.report("Testing in us, eu and in…")
        environment = with_typed_secrets(answers.environment, answers.typed)
        session = self._session

        async def test() -> EnvironmentTest:
            async with QuietSender(session.secrets, session.environments) as sender:
                return await EnvironmentTester(session.secrets, sender.send).test(
                    environment
                )

        return asyncio.run(test())

    # Project

    def _ask_project(self, found: Discovery) -> tuple[Region, Project]:
        project_id = self._arguments.project_id
        known = {project.id: (region, project) for region, project in found.projects}
        if project_id in known:
            return known[project_id]
        if found.projects and not project_id:
            if len(found.projects) == 1:
                region, project = found.projects[0]
                self._console.report(f"Project: {project.label}")
                return region, project
            return self._choose(found.projects)
        region = self._ask_region(found)
        if not project_id:
            project_id = self._ask_id("Project ID:")
        return region, Project(project_id)

    def _choose(
        self, projects: Sequence[tuple[Region, Project]]
    ) -> tuple[Region, Project]:
        """Ask for one of several by its number or ID; a text narrows the list."""
        listed = list(projects)
        while True:
            for number, (region, project) in enumerate(listed[:_LISTED], 1):
                self._console.report(f"  {number:>2}  {project.label}  {region}")
            if (more := len(listed) - _LISTED) > 0:
                self._console.report(f"      and {more} more")
            answer = self._console.ask("Project (number, ID, or part of its name):")
            answer = answer.strip().casefold()
            if answer.isdecimal() and 0 < int(answer) <= min(len(listed), _LISTED):
                return listed[int(answer) - 1]
            matching = [
                each
                for each in projects
                if answer == each[1].id
                or (not answer.isdecimal() and answer in each[1].name.casefold())
            ]
            if len(matching) == 1 and answer:
                return matching[0]
            if not matching:
                self._console.report("No project matches.")
            listed = matching or list(projects)

    def _ask_region(self, found: Discovery) -> Region:
        if self._arguments.region:
            return Region(self._arguments.region)
        if len(found.regions) == 1:
            return found.regions[0]
        while True:
            answer = self._console.ask("Region (us, eu, in; the wrong one loses data):")
            if answer.strip().lower() in list(Region):
                return Region(answer.strip().lower())

    def _ask_id(self, question: str) -> str:
        while True:
            answer = self._console.ask(question).strip()
            if not answer or (answer.isascii() and answer.isdecimal()):
                return answer
            self._console.report("The project ID must be a number, such as 1234567.")

    # Name and safety

    def _ask_name(self, project: Project) -> str:
        has_project = bool(project.name or project.id)
        proposal = propose_name(
            project.name if has_project else "mixpanel", project.id, self._used
        )
        while True:
            name = self._console.ask(f"Name [{proposal}]:").strip() or proposal
            problem = name_problem(name)
            if name in self._used:
                problem = "another environment has it"
            if not problem:
                return name
            self._console.report(f"“{name}” cannot be used: {problem}.")

    def _with_safety(self, environment: Environment, project: Project) -> Environment:
        arguments = self._arguments
        if arguments.read_only or arguments.confirm_writes:
            return replace(
                environment,
                read_only=arguments.read_only,
                confirm_writes=arguments.confirm_writes,
            )
        default = "read-only" if looks_like_production(project.name) else "confirm"
        while True:
            answer = self._console.ask(
                f"Writes: confirm, read-only or unconfirmed [{default}]:"
            )
            text = answer.strip().lower() or default
            matching = [name for name in _WRITES if name.startswith(text)]
            if len(matching) == 1:
                return replace(
                    environment,
                    read_only=matching[0] == "read-only",
                    confirm_writes=matching[0] != "unconfirmed",
                )

    def _required(self, question: str, *, secret: bool = False) -> str:
        while True:
            if text := self._console.ask(question, secret=secret).strip():
                return text

    def _confirm(self, question: str) -> bool:
        answer = self._console.ask(f"{question} [Y/n]").strip().lower()
        return answer in ("", "y", "yes")


def _renamed_sources(environment: Environment) -> Environment:
    """Return an environment whose stored secrets are under its own name."""
    account = environment.credentials.service_account
    if account is None or not isinstance(account.secret, FromCredentialsFile):
        return environment
    secret = replace(account.secret, environment=environment.name)
    credentials = replace(
        environment.credentials, service_account=replace(account, secret=secret)
    )
    return replace(environment, credentials=credentials)
