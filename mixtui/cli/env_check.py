"""``mixtui env check``: arguments, and the report of `checking`."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def check_arguments() -> Parser:
    """The command's parser."""
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
    """Check; returns the exit status."""
    import json
    from dataclasses import asdict

    from mixtui.cli.checking import check_environment, exit_status
    from mixtui.cli.places import session_from_arguments

    # The name is checked as --env would be.
    arguments.env = arguments.name or arguments.env
    session = session_from_arguments(arguments, console)
    chosen = (session.environment,) if arguments.env else session.environments.all
    for warning in session.warnings:
        console.say(warning)
    known = session.environments if arguments.online else None
    findings = [
        finding
        for environment in chosen or (session.environment,)
        for finding in check_environment(environment, session.secrets, known)
    ]
    if arguments.json:
        values = [asdict(finding) for finding in findings]
        console.print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            console.print_foreign(str(finding))
    return exit_status(findings)
