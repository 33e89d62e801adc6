"""``mixtui env``: list, show, add and check environments."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.dispatch.environment_check import CheckResult
    from mixtui.model.environment import Credentials, Environment
    from mixtui.model.secrets import Secret
    from mixtui.session import Session


_SECRETS = ("secret", "project_secret", "oauth_token")
_SOURCE = "SOURCE"

_NO_ENVIRONMENTS = (
    "No environments yet. Add one with “mixtui env add”, or set MP_USERNAME, MP_SECRET, "
    "MP_PROJECT_ID and MP_REGION."
)


def add_arguments() -> Parser:
    parser = Parser(
        "env add",
        "Add an environment to environments.toml. SOURCE is where a secret is read "
        "from\n"
        "when it is needed: env:NAME, command:COMMAND, file:PATH or "
        "keyring:SERVICE/USER;\n"
        "or - to enter it now, at a prompt or on stdin, and store it in "
        "credentials.toml,\n"
        "which only you can read. Without NAME, a terminal is asked step by step: the\n"
        "credentials are tested, and region and projects are found.",
        (
            "mixtui env add                       # asks for everything",
            "mixtui env add prod-eu --region eu --project-id 1234567 \\",
            "    --service-account ci.1a2b3c.mp-service-account --secret env:MP_SECRET",
            "pass show mixpanel | mixtui env add prod --project-id 1 \\",
            "    --service-account ci.1a2b3c.mp-service-account --secret -",
        ),
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        completes="",
        help="name of the environment; without it, everything is asked for",
    )
    parser.add_argument(
        "--region", choices=("us", "eu", "in"), help="default: us, or as found"
    )
    for option, text in (
        ("--project-id", "project id"),
        ("--workspace-id", "workspace id (data view)"),
        ("--organization-id", "organization id"),
        ("--token", "project token"),
        ("--service-account", "username of a service account"),
    ):
        parser.add_argument(option, default="", metavar="TEXT", help=text)
    parser.add_argument(
        "--secret",
        metavar=_SOURCE,
        completes="source",
        help="secret of the service account",
    )
    parser.add_argument(
        "--project-secret",
        metavar=_SOURCE,
        completes="source",
        help="project secret (older projects)",
    )
    parser.add_argument(
        "--oauth-token",
        metavar=_SOURCE,
        completes="source",
        help="OAuth token, for GDPR requests",
    )
    parser.add_argument("--read-only", action="store_true", help="block all writes")
    parser.add_argument(
        "--confirm-writes",
        action="store_true",
        help="ask for confirmation before each write",
    )
    parser.add_argument(
        "--default", action="store_true", help="make it the default environment"
    )
    parser.add_argument(
        "--no-check",
        action="store_true",
        help="without NAME: ask for region and project, and send nothing",
    )
    return parser


def run_add(arguments: Namespace, console: Console) -> int:
    """Add it; return the exit status."""
    from mixtui.mixpanel.apis import Region
    from mixtui.model.environment import Environment
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.credentials import StoredCredentials
    from mixtui.storage.environment_store import save_environment, set_default
    from mixtui.storage.paths import CREDENTIALS_FILE, ENVIRONMENTS_FILE, config_dir

    if arguments.name is None:
        if not console.can_prompt:
            raise UsageError(
                "NAME is missing. Without it, “mixtui env add” asks step by step, which "
                "needs a terminal."
            )
        if arguments.project_secret or arguments.oauth_token:
            raise UsageError("--project-secret and --oauth-token need NAME.")
        from mixtui.cli.environment_setup import EnvironmentSetup

        return EnvironmentSetup(arguments, console).run()
    environment = Environment(
        name=arguments.name,
        region=Region(arguments.region or Region.US),
        project_id=arguments.project_id,
        workspace_id=arguments.workspace_id,
        organization_id=arguments.organization_id,
        read_only=arguments.read_only,
        confirm_writes=arguments.confirm_writes,
        credentials=_credentials(arguments),
    )
    path = config_dir() / ENVIRONMENTS_FILE
    typed = _prompt_secret(arguments, console)
    save_environment(path, environment)
    if typed is not None:
        stored = StoredCredentials(config_dir() / CREDENTIALS_FILE)
        stored.set(environment.name, *typed)
    if arguments.default:
        set_default(path, environment.name)
    console.report(f"Added the environment {environment.name} to {path}.")
    return ExitStatus.ACCEPTED


def _credentials(arguments: Namespace) -> Credentials:
    from mixtui.cli.secret_source import parse_source
    from mixtui.model.environment import Credentials, ServiceAccount

    if bool(arguments.service_account) != (arguments.secret is not None):
        raise UsageError(
            "A service account has a username and a secret: use both "
            "--service-account and --secret."
        )
    name = arguments.name
    account = None
    if arguments.secret is not None:
        secret = parse_source(arguments.secret, name, "service_account")
        account = ServiceAccount(arguments.service_account, secret)
    project, oauth = arguments.project_secret, arguments.oauth_token
    return Credentials(
        project_token=arguments.token,
        service_account=account,
        project_secret=None
        if project is None
        else parse_source(project, name, "project_secret"),
        oauth_token=None if oauth is None else parse_source(oauth, name, "oauth_token"),
    )


def _prompt_secret(arguments: Namespace, console: Console) -> tuple[str, Secret] | None:
    """Prompt for the secret given as ``-``; return its kind and text, None = there is none."""
    from mixtui.model.secrets import Secret

    kinds = {
        "secret": "service_account",
        "project_secret": "project_secret",
        "oauth_token": "oauth_token",
    }
    labels = {
        "service_account": "Service account secret",
        "project_secret": "Project secret",
        "oauth_token": "OAuth token",
    }
    requested = [kinds[name] for name in _SECRETS if getattr(arguments, name) == "-"]
    if len(requested) > 1:
        raise UsageError(
            "Only one secret can be entered with -. Add the others with another source."
        )
    if not requested:
        return None
    text = console.prompt_secret(f"{labels[requested[0]]}:")
    if not text:
        raise UsageError("Standard input has no secret: its first line is empty.")
    return requested[0], Secret(text)


def check_arguments() -> Parser:
    parser = Parser(
        "env check",
        "Check environments: whether the project is set, and whether every secret "
        "can be\n"
        "read (commands are run, the keyring is queried). Nothing is sent without\n"
        "--online.\n"
        "\n"
        "Exit status: 0 no problems · 3 a credential is missing or rejected ·\n"
        "2 another problem · 5 no response (--online)",
        (
            "mixtui env check",
            "mixtui env check prod-eu --online",
        ),
    )
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        completes="environment",
        help="environment to check (default: all)",
    )
    parser.add_argument(
        "--online",
        action="store_true",
        help="verify the service account with Mixpanel (GET /api/app/me)",
    )
    parser.add_argument("--env", metavar="ENV", help="same as NAME")
    parser.add_argument("--collection", metavar="DIR", help="folder of saved requests")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_check(arguments: Namespace, console: Console) -> int:
    """Check; return the exit status."""
    from msgspec import to_builtins

    from mixtui.cli.arguments import session_from_arguments
    from mixtui.dispatch.environment_check import (
        CheckResult,
        can_check_online,
        check_broken,
        check_environment,
        exit_status,
    )
    from mixtui.model.errors import ExitStatus

    # The name is checked as --env would be.
    arguments.env = arguments.name or arguments.env
    session = session_from_arguments(arguments, console, needs_environment=False)
    selected = (session.environment,) if arguments.env else session.environments.all
    broken = () if arguments.env else session.environments.broken
    for warning in session.warnings:
        console.report(warning)
    if not selected and not broken and not arguments.json:
        console.report(_NO_ENVIRONMENTS)
        return ExitStatus.CREDENTIALS
    results = []
    for environment in selected:
        findings = list(check_environment(environment, session.secrets))
        if arguments.online and can_check_online(environment, findings):
            findings.append(_check_online(environment, session))
        results += findings
    results += map(check_broken, broken)
    if not results:
        problem = _NO_ENVIRONMENTS.rstrip(".")
        results = [
            CheckResult("none", "environment", False, problem, ExitStatus.CREDENTIALS)
        ]
    if arguments.json:
        values = to_builtins(results)
        console.print_json(values)
    else:
        for finding in results:
            console.print_untrusted(str(finding))
    return exit_status(results)


def _check_online(environment: Environment, session: Session) -> CheckResult:
    import asyncio

    from mixtui.cli.quiet_sender import QuietSender
    from mixtui.dispatch.environment_check import check_online

    async def check() -> CheckResult:
        async with QuietSender(session.secrets, session.environments) as sender:
            return await check_online(environment, sender.send)

    return asyncio.run(check())


def list_arguments() -> Parser:
    parser = Parser(
        "env list",
        "List environments: name, region, project, safety, credentials. * marks the "
        "one\n"
        "in use: --env, else $MIXTUI_ENV, else the default.",
        ("mixtui env list", "mixtui env list --json | jq -r '.[].name'"),
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from mixtui.cli.arguments import session_from_arguments
    from mixtui.model.errors import ExitStatus

    session = session_from_arguments(arguments, console, needs_environment=False)
    environments, current = session.environments, session.environment.name
    for warning in (*session.warnings, environments.default_problem):
        if warning:
            console.report(warning)
    default = environments.default
    if arguments.json:
        values = [
            {**environment_values(e, current, default), "problem": None}
            for e in environments.all
        ]
        values += [
            {
                "name": broken.name,
                "in_use": False,
                "default": broken.name == default,
                "problem": broken.problem,
            }
            for broken in environments.broken
        ]
        console.print_json(values)
        return ExitStatus.ACCEPTED
    rows = [_row(environment, current) for environment in environments.all]
    console.print_columns(rows)
    for broken in environments.broken:
        console.print_untrusted(f"   {broken.name}  (broken) {broken.problem}")
    if not rows and not environments.broken:
        console.report(_NO_ENVIRONMENTS)
    return ExitStatus.ACCEPTED


def _row(environment: Environment, current: str) -> tuple[str, ...]:
    credentials = environment.credentials
    credential_labels = []
    if account := credentials.service_account:
        credential_labels.append(f"service account {account.username}")
    if credentials.project_token:
        credential_labels.append("project token")
    if credentials.project_secret:
        credential_labels.append("project secret")
    if credentials.oauth_token:
        credential_labels.append("OAuth token")
    return (
        "*" if environment.name == current else " ",
        environment.name,
        str(environment.region),
        f"project {environment.project_id or '(none)'}",
        ", ".join(_safety_labels(environment)),
        ", ".join(credential_labels) or "no credentials",
    )


def _safety_labels(environment: Environment) -> list[str]:
    labels = [environment.write_label]
    if not environment.history:
        labels.append("no history")
    if environment.hosts:
        labels.append(f"custom hosts: {', '.join(environment.hosts)}")
    return labels


def environment_values(
    environment: Environment, current: str, default: str
) -> dict[str, Any]:
    """Return an environment as JSON values; of a secret its source alone."""
    credentials = environment.credentials
    account = credentials.service_account
    sources = {
        "service_account": account
        and {
            "username": account.username,
            "secret": str(account.secret),
        },
        "project_token": credentials.project_token or None,
        "project_secret": credentials.project_secret
        and str(credentials.project_secret),
        "oauth_token": credentials.oauth_token and str(credentials.oauth_token),
    }
    return {
        "name": environment.name,
        "in_use": environment.name == current,
        "default": environment.name == default,
        "region": str(environment.region),
        "project_id": environment.project_id or None,
        "workspace_id": environment.workspace_id or None,
        "organization_id": environment.organization_id or None,
        "read_only": environment.read_only,
        "confirm_writes": environment.confirm_writes,
        "history": environment.history,
        "credentials": sources,
        "variables": sorted(environment.variables),
        "hosts": {str(api): url for api, url in environment.hosts.items()},
        "origin": environment.origin or None,
    }


def show_arguments() -> Parser:
    parser = Parser(
        "env show",
        "Print an environment: ids, safety, the source of each secret, variables, "
        "hosts.\n"
        "No secret is read or printed.",
        ("mixtui env show", "mixtui env show prod-eu --json | jq -r .region"),
    )
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        completes="environment",
        help="environment to print (default: the one in use)",
    )
    parser.add_argument("--env", metavar="ENV", help="same as NAME")
    parser.add_argument("--collection", metavar="DIR", help="folder of saved requests")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print; return the exit status."""
    from mixtui.cli.arguments import session_from_arguments
    from mixtui.model.errors import ExitStatus

    # The name is checked as --env would be.
    arguments.env = arguments.name or arguments.env
    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.report(warning)
    environment = session.environment
    values = environment_values(
        environment, environment.name, session.environments.default
    )
    if arguments.json:
        console.print_json(values)
        return ExitStatus.ACCEPTED
    for name, value in values.items():
        console.print_untrusted(f"{name:<16}  {_value_text(value)}".rstrip())
    return ExitStatus.ACCEPTED


def _value_text(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return "yes" if value else "no"
        case dict():
            pairs = (f"{k}: {_value_text(v)}" for k, v in value.items() if v)
            return ", ".join(pairs) or "(none)"
        case list():
            return ", ".join(map(str, value)) or "(none)"
        case _:
            return str(value)
