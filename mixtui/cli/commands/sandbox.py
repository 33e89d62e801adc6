"""``mixtui sandbox``: run the sandbox, a local stand-in for Mixpanel, without the app."""

from __future__ import annotations

import argparse
import os

from mixtui.cli.parsing import Parser, whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console
    from mixtui.sandbox.failures import SimulatedFailure

_PORT = 8123


def sandbox_arguments() -> Parser:
    parser = Parser(
        "sandbox",
        "Run the sandbox, a local stand-in for Mixpanel, on 127.0.0.1 until ctrl+c. "
        "It\n"
        "responds as Mixpanel's reference documents, with sample data. Set "
        "MIXTUI_SANDBOX\n"
        "to its address to use its environments.",
        (
            "mixtui sandbox",
            "mixtui sandbox --port 0 --data ~/sandbox",
            "mixtui sandbox --fail 429:/api/query --fail slow",
            f"MIXTUI_SANDBOX=http://127.0.0.1:{_PORT} mixtui send GET /me --api app",
        ),
    )
    parser.add_argument(
        "--port",
        type=whole_number,
        default=_PORT,
        metavar="N",
        help=f"port to listen on; 0 picks a free one (default: {_PORT})",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="store received data in DIR (default: discard it at exit)",
    )
    parser.add_argument(
        "--fail",
        action="append",
        default=[],
        type=_parse_failure,
        metavar="HOW[:PATH]",
        help="make all requests fail, or those whose path starts with PATH: a status "
        "(401 402 403 429 500 502 503 504), slow (delayed, in chunks) or drop "
        "(disconnect midway); repeatable",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="do not log requests on stderr"
    )
    return parser


def run_sandbox(arguments: Namespace, console: Console) -> int:
    """Serve until interrupted; return the exit status."""
    from pathlib import Path

    from mixtui.model.errors import ExitStatus
    from mixtui.sandbox.server import serve

    def report_origin(origin: str) -> None:
        console.report(
            "The sandbox is running; press ctrl+c to stop it. To use it in another "
            "shell:"
        )
        console.print(f"export MIXTUI_SANDBOX={origin}")
        console.flush()

    folder = (
        console.folder / Path(os.path.expanduser(arguments.data))
        if arguments.data
        else None
    )
    serve(
        arguments.port,
        folder,
        access_log=not arguments.quiet,
        failures=arguments.fail,
        on_start=report_origin,
    )
    return ExitStatus.ACCEPTED


def _parse_failure(text: str) -> SimulatedFailure:
    from mixtui.sandbox.failures import parse_failure

    try:
        return parse_failure(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
