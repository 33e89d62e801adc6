"""``mixtui show``: a saved request as it is in its file."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.cli.hints import Hints
    from mixtui.core.requests import Draft


def show_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "show",
        "Print the file of a saved request, comments and all, and on stderr what is\n"
        "probably wrong with it. With --dry-run, «mixtui send» prints what would go out.",
        (
            "mixtui show weekly-signups",
            "mixtui show 'Weekly sign-ups' --json | jq .query",
        ),
    )
    parser.add_argument(
        "name", metavar="NAME", help="its path in the collection, or name"
    )
    parser.add_argument(
        "--collection", metavar="DIR", help="the folder of saved requests"
    )
    parser.add_argument("--json", action="store_true", help="print its fields as JSON")
    parser.add_argument("--no-hints", action="store_true", help="print the file alone")
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print it; returns the exit status."""
    import json

    from mixtui.cli.places import open_collection
    from mixtui.core.errors import BrokenFile, ExitStatus
    from mixtui.storage import atomic
    from mixtui.storage.request_file import parse

    collection = open_collection(arguments, console)
    path = collection.lookup(arguments.name)
    if arguments.json:
        request = collection.open(path)
        for warning in request.warnings:
            console.say(warning)
        hints = _hints(arguments, console, request.draft, path)
        values = {
            "path": str(path),
            **_values(request.draft),
            "hints": hints.values(),
        }
        console.print(json.dumps(values, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    data = atomic.read(path)
    if console.shows_body:
        for line in data.decode(errors="replace").removesuffix("\n").split("\n"):
            console.print_foreign(line.removesuffix("\r"))
    else:
        console.write(data)
    try:
        draft, _ = parse(data, path)
    except BrokenFile:
        return ExitStatus.ACCEPTED  # It was asked for as it is.
    _hints(arguments, console, draft, path).say(console)
    return ExitStatus.ACCEPTED


def _hints(arguments: Namespace, console: Console, draft: Draft, path: Path) -> Hints:
    """What is probably wrong with it in the environment that would be used."""
    from mixtui.cli.hints import Hints
    from mixtui.core.advice import find_hints
    from mixtui.core.environments import NO_ENVIRONMENT
    from mixtui.core.errors import MixtuiError
    from mixtui.session import open_session

    if arguments.no_hints:
        return Hints()
    try:
        environment = open_session(
            variables=console.variables, cwd=path.parent, lenient=True
        ).environment
    except MixtuiError:
        environment = NO_ENVIRONMENT
    return Hints(find_hints(draft, environment, folder=path.parent))


def _values(draft: Draft) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        key: value if value is None or isinstance(value, str) else _plain(value)
        for key, value in asdict(draft).items()
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
