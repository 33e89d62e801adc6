"""``mixtui import postman``: arguments; the work is in `import_file`."""

from __future__ import annotations

from mixtui.cli.import_arguments import add_file_arguments
from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def postman_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "import postman",
        "Turn a Postman collection (v2.1 or v2.0) into saved requests, in its own folders.\n"
        "Credentials are named and not written; variables stay templates. No file is\n"
        "overwritten.",
        (
            "mixtui import postman Mixpanel.postman_collection.json",
            "mixtui import postman export.json --into team --dry-run",
        ),
    )
    add_file_arguments(parser)
    return parser


def run_postman(arguments: Namespace, console: Console) -> int:
    """Import; returns the exit status."""
    from mixtui.cli.import_file import run_import
    from mixtui.interchange.postman import import_postman

    return run_import(arguments, console, import_postman)
