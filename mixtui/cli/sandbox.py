"""``mixtui sandbox``: the local stand-in for Mixpanel, by itself."""

from __future__ import annotations

import os

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

_PORT = 8123


def arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "sandbox",
        "Run a local stand-in for Mixpanel on 127.0.0.1 until ctrl+c. It answers as\n"
        "Mixpanel's reference says, from made-up data; it is not Mixpanel. Where\n"
        "MIXTUI_SANDBOX holds its address, mixtui knows its environments.",
        (
            "mixtui sandbox",
            "mixtui sandbox --port 0 --data ~/sandbox",
            f"MIXTUI_SANDBOX=http://127.0.0.1:{_PORT} mixtui send GET /me --api app",
        ),
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_PORT,
        metavar="N",
        help=f"where to listen; 0 = any free port (otherwise {_PORT})",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="keep what is sent there (otherwise it is gone at the end)",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no line per request on stderr"
    )
    return parser


def run(arguments: Namespace, console: Console) -> int:
    """Serve until interrupted; returns the exit status."""
    from pathlib import Path

    from mixtui.core.errors import ExitStatus
    from mixtui.sandbox.server import serve

    def tell(origin: str) -> None:
        console.say("The sandbox stands in for Mixpanel; ctrl+c ends it. To use it:")
        console.print(f"export MIXTUI_SANDBOX={origin}")
        console.flush()

    folder = (
        console.folder / Path(os.path.expanduser(arguments.data))
        if arguments.data
        else None
    )
    serve(arguments.port, folder, access_log=not arguments.quiet, on_start=tell)
    return ExitStatus.ACCEPTED
