"""``mixtui env show``: one environment whole, without any secret."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def show_arguments() -> Parser:
    """The command's parser."""
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
    """Print; returns the exit status."""
    import json

    from mixtui.cli.env_list import environment_values
    from mixtui.cli.places import session_from_arguments
    from mixtui.core.errors import ExitStatus

    # The name is checked as --env would be.
    arguments.env = arguments.name or arguments.env
    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.say(warning)
    environment = session.environment
    shown = environment_values(
        environment, environment.name, session.environments.default
    )
    if arguments.json:
        console.print(json.dumps(shown, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    for name, value in shown.items():
        console.print_foreign(f"{name:<16}  {_words(value)}".rstrip())
    return ExitStatus.ACCEPTED


def _words(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return "yes" if value else "no"
        case dict():
            pairs = (f"{k}: {_words(v)}" for k, v in value.items() if v)
            return ", ".join(pairs) or "(none)"
        case list():
            return ", ".join(map(str, value)) or "(none)"
        case _:
            return str(value)
