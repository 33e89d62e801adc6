"""``mixtui show``: a saved request as it is in its file."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.core.requests import Draft


def arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "show",
        "Print the file of a saved request, comments and all. With --dry-run,\n"
        "«mixtui send» prints what would go out.",
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
    return parser


def run(arguments: Namespace, console: Console) -> int:
    """Print it; returns the exit status."""
    import json

    from mixtui.cli.places import open_collection
    from mixtui.core.errors import ExitStatus
    from mixtui.storage import atomic

    collection = open_collection(arguments, console)
    path = collection.lookup(arguments.name)
    if arguments.json:
        request = collection.open(path)
        for warning in request.warnings:
            console.say(warning)
        values = {"path": str(path), **_values(request.draft)}
        console.print(json.dumps(values, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    data = atomic.read(path)
    if not console.shows_body:
        console.write(data)
        return ExitStatus.ACCEPTED
    for line in data.decode(errors="replace").removesuffix("\n").split("\n"):
        console.print_foreign(line.removesuffix("\r"))
    return ExitStatus.ACCEPTED


def _values(draft: Draft) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        key: value if value is None or isinstance(value, str) else _plain(value)
        for key, value in asdict(draft).items()
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
