"""``mixtui env add``: a new environment, without the screen."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console
    from mixtui.core.environments import Credentials
    from mixtui.core.secrets import Secret, SecretSource

_SECRETS = ("secret", "project_secret", "oauth_token")
_SOURCE = "SOURCE"


def add_arguments() -> Parser:
    """The command's parser."""
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
    for option, words in (
        ("--project-id", "the project"),
        ("--workspace-id", "the workspace (data view)"),
        ("--organization-id", "the organization"),
        ("--token", "the project token"),
        ("--service-account", "the user name of a service account"),
    ):
        parser.add_argument(option, default="", metavar="TEXT", help=words)
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
    """Add it; returns the exit status."""
    from mixtui.core.environments import Environment
    from mixtui.core.errors import ExitStatus
    from mixtui.mixpanel.apis import Region
    from mixtui.storage.credentials_file import StoredCredentials
    from mixtui.storage.environment_editing import save_environment, set_default
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
    typed = _typed(arguments, console)
    save_environment(path, environment)
    if typed is not None:
        stored = StoredCredentials(config_dir() / CREDENTIALS_FILE)
        stored.set(environment.name, *typed)
    if arguments.default:
        set_default(path, environment.name)
    console.say(f"The environment {environment.name} was added to {path}.")
    return ExitStatus.ACCEPTED


def _credentials(arguments: Namespace) -> Credentials:
    from mixtui.core.environments import Credentials, ServiceAccount

    if bool(arguments.service_account) != (arguments.secret is not None):
        raise UsageError(
            "A service account is a user name and a secret: give both "
            "--service-account and --secret."
        )
    name = arguments.name
    account = None
    if arguments.secret is not None:
        secret = _source(arguments.secret, name, "service_account")
        account = ServiceAccount(arguments.service_account, secret)
    project, oauth = arguments.project_secret, arguments.oauth_token
    return Credentials(
        project_token=arguments.token,
        service_account=account,
        project_secret=None
        if project is None
        else _source(project, name, "project_secret"),
        oauth_token=None if oauth is None else _source(oauth, name, "oauth_token"),
    )


def _source(text: str, environment: str, kind: str) -> SecretSource:
    """Where a secret is read.

    Raises:
        UsageError: The text names no source.
    """
    from mixtui.core.secrets import (
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


def _typed(arguments: Namespace, console: Console) -> tuple[str, Secret] | None:
    """The secret that is typed now, with its kind; None = none is."""
    from mixtui.core.secrets import Secret

    kinds = {
        "secret": "service_account",
        "project_secret": "project_secret",
        "oauth_token": "oauth_token",
    }
    asked = [kinds[name] for name in _SECRETS if getattr(arguments, name) == "-"]
    if len(asked) > 1:
        raise UsageError("Secrets are typed one at a time: give only one -.")
    if not asked:
        return None
    text = console.ask_secret(f"The {asked[0].replace('_', ' ')}'s secret:")
    if not text:
        raise UsageError("No secret came from standard input.")
    return asked[0], Secret(text)
