"""``mixtui lookup``: list lookup tables, and replace one by a CSV file."""

from __future__ import annotations

from mixtui.cli.commands.job_arguments import add_confirmation_arguments
from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def list_arguments() -> Parser:
    parser = Parser(
        "lookup list",
        "List the lookup tables of a project. Mixpanel's API does not return the rows\n"
        "of a table, so they cannot be pulled: keep the CSV file.",
        ("mixtui lookup list", "mixtui lookup list --json | jq -r '.[].name'"),
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def push_arguments() -> Parser:
    parser = Parser(
        "lookup push",
        "Replace all rows of a lookup table by those of a CSV file, which is checked\n"
        "first: UTF-8, RFC 4180, a header, the same number of cells in each row, a\n"
        "first column whose values are unique, at most 100 MiB. Mixpanel stores all\n"
        "of it, or nothing.\n"
        "\n"
        "Exit status: 0 replaced · 1 rejected · 2 invalid usage or file · 3 credentials\n"
        "· 4 no replacement left today · 5 no response · 130 interrupted",
        (
            "mixtui lookup push products.csv",
            "mixtui lookup push export.csv --table Products --env prod-eu --yes",
            "mixtui lookup push products.csv --check",
        ),
    )
    parser.add_argument("file", metavar="FILE", help="CSV file")
    parser.add_argument(
        "--table",
        metavar="TABLE",
        help="name or id of the table (default: the file's name without .csv)",
        completes="",
    )
    parser.add_session_arguments()
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check the file, find the table, and send nothing else",
    )
    parser.add_argument(
        "--check", action="store_true", help="check the file, and send nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_confirmation_arguments(parser, may_delete=True)
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from mixtui.cli.jobs.lookup import list_tables

    return list_tables(arguments, console)


def run_push(arguments: Namespace, console: Console) -> int:
    """Push; return the exit status."""
    from mixtui.cli.jobs.lookup import push_table

    return push_table(arguments, console)
