"""``mixtui init``: create a collection with starter requests."""

from __future__ import annotations

import os

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def init_arguments() -> Parser:
    parser = Parser(
        "init",
        "Create a collection in a folder: mixtui.toml, and starter requests by API "
        "that\n"
        "work with any project. They hold no secrets, and no file is ever "
        "overwritten.\n"
        "Every request that writes is in the folder “2 Ingestion”, and says so.",
        (
            "mixtui init mixpanel",
            "mixtui init --list                   # print the requests, write nothing",
            "mixtui init mixpanel && cd mixpanel && mixtui send 'Event names'",
        ),
    )
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        help="folder of the collection (default: the current one)",
    )
    parser.add_argument(
        "--list", action="store_true", help="print the requests, without writing them"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_init(arguments: Namespace, console: Console) -> int:
    """Create or list; return the exit status."""
    import shlex

    from mixtui.model.errors import ExitStatus
    from mixtui.storage.starter_collection import (
        starter_requests,
        write_starter_collection,
    )
    from mixtui.text import pluralise

    requests = starter_requests()
    rows = [
        {
            "location": f"{path.parent}/{draft.name}",
            "method": str(draft.method),
            "description": draft.description,
            "path": str(path),
        }
        for path, draft in requests
    ]
    if not arguments.list:
        folder = console.folder / os.path.expanduser(arguments.folder or ".")
        write_starter_collection(folder)
        for row in rows:
            row["path"] = str(folder / row["path"])
        count = pluralise(len(rows), "starter request")
        console.report(f"Created a collection with {count} in {folder}.")
        if not arguments.json:
            where = (
                f"cd {shlex.quote(arguments.folder)} && " if arguments.folder else ""
            )
            first = shlex.quote(requests[0][1].name)
            console.report(f"Next: {where}mixtui send {first}")
            return ExitStatus.ACCEPTED
    if arguments.json:
        console.print_json(rows)
        return ExitStatus.ACCEPTED
    console.print_columns(
        [(row["location"], row["method"], row["description"]) for row in rows]
    )
    return ExitStatus.ACCEPTED
