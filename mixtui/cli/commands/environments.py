"""``mixtui env``: list, show, add and check environments."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.model.environment import Credentials, Environment
    from mixtui.model.secrets import Secret, SecretSource


_SECRETS = ("secret", "project_secret", "oauth_token")
_SOURCE = "SOURCE"


def add_arguments() -> Parser:
    parser = Parser(
        "env add",
        "Add an environment to environments.toml. A SOURCE says where a secret is read\n"
        "when it is needed: env:NAME, command:WORDS, file:PATH, keyring:SERVICE/USER, or\n"
        "- to type it now (from standard input) and keep it in credentials.toml, which\n"
        "nobody else can read.",
        (
            "mixtui env add prod-eu --region eu --project-id 1234567 \\",
            "    --service-account ci.1a2b3c.mp-service-account --secret env:MP_SECRET",
            "pass show mixpanel | mixtui env add prod --project-id 1 \\",
            "    --service-account ci.1a2b3c.mp-service-account --secret -",
        ),
    )
    parser.add_argument("name", metavar="NAME", help="how it is called")
    parser.add_argument(
        "--region", choices=("us", "eu", "in"), default="us", help="otherwise us"
    )
    for option, text in (
        ("--project-id", "the project"),
        ("--workspace-id", "the workspace (data view)"),
        ("--organization-id", "the organization"),
        ("--token", "the project token"),
        ("--service-account", "the user name of a service account"),
    ):
        parser.add_argument(option, default="", metavar="TEXT", help=text)
    parser.add_argument("--secret", metavar=_SOURCE, help="of the service account")
    parser.add_argument("--project-secret", metavar=_SOURCE, help="an old project's")
    parser.add_argument("--oauth-token", metavar=_SOURCE, help="for GDPR calls")
    parser.add_argument("--read-only", action="store_true", help="refuse every write")
    parser.add_argument(
        "--confirm-writes", action="store_true", help="ask before every write"
    )
    parser.add_argument(
        "--default", action="store_true", help="start with it from now on"
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

    environment = Environment(
        name=arguments.name,
        region=Region(arguments.region),
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
    console.report(f"The environment {environment.name} was added to {path}.")
    return ExitStatus.ACCEPTED


def _credentials(arguments: Namespace) -> Credentials:
    from mixtui.model.environment import Credentials, ServiceAccount

    if bool(arguments.service_account) != (arguments.secret is not None):
        raise UsageError(
            "A service account is a user name and a secret: give both "
            "--service-account and --secret."
        )
    name = arguments.name
    account = None
    if arguments.secret is not None:
        secret = _parse_source(arguments.secret, name, "service_account")
        account = ServiceAccount(arguments.service_account, secret)
    project, oauth = arguments.project_secret, arguments.oauth_token
    return Credentials(
        project_token=arguments.token,
        service_account=account,
        project_secret=None
        if project is None
        else _parse_source(project, name, "project_secret"),
        oauth_token=None
        if oauth is None
        else _parse_source(oauth, name, "oauth_token"),
    )


def _parse_source(text: str, environment: str, kind: str) -> SecretSource:
    """Parse the source of a secret.

    Raises:
        UsageError: The text names no source.
    """
    from mixtui.model.secrets import (
        FromCommand,
        FromCredentialsFile,
        FromFile,
        FromKeyring,
        FromVariable,
    )

    if text == "-":
        return FromCredentialsFile(environment, kind)
    match text.partition(":"):
        case "env", _, rest if rest:
            return FromVariable(rest)
        case "command", _, rest if rest:
            return FromCommand(rest)
        case "file", _, rest if rest:
            return FromFile(rest)
        case "keyring", _, rest if rest:
            return FromKeyring(rest)
        case _:
            # The text itself may be the secret: it is not repeated.
            raise UsageError(
                "A secret is not given on the command line, where others can see it: "
                "name its source as env:NAME, command:WORDS, file:PATH or "
                "keyring:SERVICE/USER, or give - and type it."
            )


def _prompt_secret(arguments: Namespace, console: Console) -> tuple[str, Secret] | None:
    """Prompt for the secret given as ``-``; return its kind and text, None = there is none."""
    from mixtui.model.secrets import Secret

    kinds = {
        "secret": "service_account",
        "project_secret": "project_secret",
        "oauth_token": "oauth_token",
    }
    requested = [kinds[name] for name in _SECRETS if getattr(arguments, name) == "-"]
    if len(requested) > 1:
        raise UsageError("Secrets are typed one at a time: give only one -.")
    if not requested:
        return None
    text = console.prompt_secret(f"The {requested[0].replace('_', ' ')}'s secret:")
    if not text:
        raise UsageError("No secret came from standard input.")
    return requested[0], Secret(text)


def check_arguments() -> Parser:
    parser = Parser(
        "env check",
        "Check environments: is the project set, and can every secret be read (commands\n"
        "run, the key ring is asked)? Nothing is sent without --online.\n\n"
        "Exit status: 0 all is well · 3 a credential is missing or refused ·\n"
        "2 something else is missing · 5 no answer (--online)",
        (
            "mixtui env check",
            "mixtui env check prod-eu --online",
        ),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="otherwise all of them")
    parser.add_argument(
        "--online",
        action="store_true",
        help="ask Mixpanel who the service account is (GET /api/app/me)",
    )
    parser.add_argument(
        "--collection", metavar="DIR", help="the folder of saved requests"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    return parser


def run_check(arguments: Namespace, console: Console) -> int:
    """Check; return the exit status."""
    from dataclasses import asdict

    from mixtui.cli.arguments import session_from_arguments
    from mixtui.cli.environment_check import (
        check_broken,
        check_environment,
        exit_status,
    )

    # The name is checked as --env would be.
    arguments.env = arguments.name or arguments.env
    session = session_from_arguments(arguments, console, needs_environment=False)
    selected = (session.environment,) if arguments.env else session.environments.all
    broken = () if arguments.env else session.environments.broken
    for warning in session.warnings:
        console.report(warning)
    environments = session.environments if arguments.online else None
    results = [
        finding
        for environment in selected or ((session.environment,) if not broken else ())
        for finding in check_environment(environment, session.secrets, environments)
    ]
    results += map(check_broken, broken)
    if arguments.json:
        values = [asdict(finding) for finding in results]
        console.print_json(values)
    else:
        for finding in results:
            console.print_untrusted(str(finding))
    return exit_status(results)


def list_arguments() -> Parser:
    parser = Parser(
        "env list",
        "List the environments: name, region, project, credentials, safety. The one in\n"
        "use is marked with *: --env, else $MIXTUI_ENV, else the default.",
        ("mixtui env list", "mixtui env list --json | jq -r '.[].name'"),
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print a JSON list")
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
        console.report(
            "There is no environment yet: add one with f9 in the screen, or set "
            "MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION."
        )
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
        ", ".join(_safety_labels(environment)) or "writes",
        ", ".join(credential_labels) or "no credentials",
    )


def _safety_labels(environment: Environment) -> list[str]:
    labels = []
    if environment.read_only:
        labels.append("read-only")
    if environment.confirm_writes:
        labels.append("asks before writes")
    if not environment.history:
        labels.append("no history")
    if environment.hosts:
        labels.append(f"own hosts: {', '.join(environment.hosts)}")
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
        "Print an environment: ids, safety, where each secret comes from, variables,\n"
        "hosts. Without a name, the one in use. No secret is read or shown.",
        ("mixtui env show", "mixtui env show prod-eu --json | jq -r .region"),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="otherwise that in use")
    parser.add_argument(
        "--collection", metavar="DIR", help="the folder of saved requests"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
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
