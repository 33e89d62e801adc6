"""``mixtui history show``: one exchange, or its body."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def show_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "history show",
        "Print one exchange: what was sent, secrets masked, what came back, how it\n"
        "ended. With --body the body of the answer alone, as it came.",
        (
            "mixtui history show 42",
            "mixtui history show 42 --body | jq .results",
            "mixtui history show 42 --json",
        ),
    )
    parser.add_argument(
        "id", type=int, metavar="ID", help="its number in «mixtui history list»"
    )
    parser.add_argument("--body", action="store_true", help="print its body alone")
    parser.add_argument(
        "--json", action="store_true", help="print all but the body as a JSON object"
    )
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print it; returns the exit status."""
    from mixtui.cli.history_places import history_from_arguments
    from mixtui.cli.history_view import print_body, print_record, record_json
    from mixtui.core.errors import ExitStatus

    if arguments.body and arguments.json:
        raise UsageError("--body and --json exclude each other: take one.")
    with history_from_arguments(console) as history:
        record = history.get(arguments.id)
        body = history.body_path(arguments.id)
        if arguments.body:
            print_body(record, body, console)
        elif arguments.json:
            console.print(record_json(arguments.id, record, body))
        else:
            print_record(arguments.id, record, body, console)
    return ExitStatus.ACCEPTED
