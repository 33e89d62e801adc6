"""``mixtui env list``: the environments, secrets masked."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.core.environments import Environment


def list_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "env list",
        "List the environments: name, region, project, credentials, safety. The one in\n"
        "use is marked with *: --env, else $MIXTUI_ENV, else the default.",
        ("mixtui env list", "mixtui env list --json | jq -r '.[].name'"),
    )
    parser.add_place()
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; returns the exit status."""
    import json

    from mixtui.cli.places import session_from_arguments
    from mixtui.core.errors import ExitStatus

    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.say(warning)
    every, chosen = session.environments.all, session.environment.name
    if arguments.json:
        default = session.environments.default
        listed = [environment_values(e, chosen, default) for e in every]
        console.print(json.dumps(listed, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    rows = [_row(environment, chosen) for environment in every]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{c:<{w}}" for c, w in zip(row, widths, strict=True))
        console.print_foreign("  ".join(cells).rstrip())
    if not rows:
        console.say(
            "There is no environment yet: add one with f9 in the screen, or set "
            "MP_USERNAME, MP_SECRET, MP_PROJECT_ID and MP_REGION."
        )
    return ExitStatus.ACCEPTED


def _row(environment: Environment, chosen: str) -> tuple[str, ...]:
    credentials = environment.credentials
    held = []
    if account := credentials.service_account:
        held.append(f"service account {account.username}")
    if credentials.project_token:
        held.append("project token")
    if credentials.project_secret:
        held.append("project secret")
    if credentials.oauth_token:
        held.append("OAuth token")
    return (
        "*" if environment.name == chosen else " ",
        environment.name,
        str(environment.region),
        f"project {environment.project_id or '(none)'}",
        ", ".join(_safety(environment)) or "writes",
        ", ".join(held) or "no credentials",
    )


def _safety(environment: Environment) -> list[str]:
    words = []
    if environment.read_only:
        words.append("read-only")
    if environment.confirm_writes:
        words.append("asks before writes")
    if not environment.history:
        words.append("no history")
    if environment.hosts:
        words.append("own hosts")
    return words


def environment_values(
    environment: Environment, chosen: str, default: str
) -> dict[str, Any]:
    """An environment as JSON values; secrets by where they come from."""
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
        "in_use": environment.name == chosen,
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
