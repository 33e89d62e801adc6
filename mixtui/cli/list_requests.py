"""``mixtui list``: the saved requests, one a line."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.storage.collection import Collection
    from mixtui.storage.tree import Folder


def list_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "list",
        "List the saved requests in the order of the tree: path, method, name. The path\n"
        "is what «mixtui send» and «mixtui show» take. A file that is broken is listed\n"
        "with its reason.",
        (
            "mixtui list",
            "mixtui list --collection ~/mixpanel",
            "mixtui list --json | jq -r '.[] | select(.method != \"GET\") | .path'",
        ),
    )
    parser.add_argument("--collection", metavar="DIR", help="the folder to list")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; returns the exit status."""
    import json

    from mixtui.cli.places import open_collection
    from mixtui.core.errors import ExitStatus

    collection = open_collection(arguments, console)
    rows = list(_rows(collection, collection.scan()))
    if arguments.json:
        console.print(json.dumps(rows, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    width = max((len(row["path"] or "") for row in rows), default=0)
    for row in rows:
        console.print_foreign(_line(row, width))
    if not rows:
        console.say(f"There is no saved request in {collection.root}.")
    return ExitStatus.ACCEPTED


def _line(row: dict[str, Any], width: int) -> str:
    words = f"(broken) {row['problem']}" if row["problem"] else row["name"]
    return f"{row['path']:<{width}}  {row['method'] or '':<6}  {words}"


def _rows(collection: Collection, folder: Folder) -> Iterator[dict[str, Any]]:
    """One object a request, or a folder that cannot be listed."""
    from mixtui.core.errors import BrokenFile

    if folder.problem:
        path = folder.path.relative_to(collection.root).as_posix() + "/"
        yield {"path": path, "method": None, "name": None, "problem": folder.problem}
    for inside in folder.folders:
        yield from _rows(collection, inside)
    for entry in folder.requests:
        head = collection.head(entry.path)
        path = entry.path.relative_to(collection.root).as_posix().removesuffix(".toml")
        broken = isinstance(head, BrokenFile)
        yield {
            "path": path,
            "method": None if isinstance(head, BrokenFile) else str(head.method),
            "name": None if isinstance(head, BrokenFile) else head.name,
            "problem": str(head) if broken else None,
        }
