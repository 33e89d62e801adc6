"""``mixtui events``: import events in bulk."""

from __future__ import annotations

from mixtui.cli.commands.job_arguments import (
    add_column_arguments,
    add_import_arguments,
    add_job_arguments,
)
from mixtui.cli.parsing import Parser, whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def import_arguments() -> Parser:
    parser = Parser(
        "events import",
        "Import events from files, globs, folders or stdin (-): JSON lines, JSON "
        "lists,\n"
        "CSV, TSV and Parquet, also compressed with gzip or zstd. Raw exports are "
        "taken\n"
        "as they are. Each record is checked, sent, and accounted for:\n"
        "\n"
        "  records read = stored + rejected + not sent\n"
        "\n"
        "Events without $insert_id get one made from their content, so importing a "
        "file\n"
        "twice stores it once. ctrl+c stops after what is being sent; --resume "
        "continues.\n"
        "\n"
        "Exit status: 0 all stored · 6 some rejected · 2 invalid usage or records ·\n"
        "3 credentials · 5 no response · 130 interrupted",
        (
            "mixtui events import events.ndjson",
            "mixtui events import 'export/*.ndjson.gz' --to staging --yes",
            "mixtui events import orders.csv --event Purchase --distinct-id user_id \\",
            "    --time created_at --number amount --check",
            "mixtui events import orders.parquet --event Purchase \\",
            "    --sql 'SELECT user_id AS distinct_id, created_at AS time FROM source'",
            "zcat events.gz | mixtui events import - --rejected rejected.ndjson",
            "mixtui events import events.ndjson --resume",
        ),
    )
    add_import_arguments(parser)
    _add_recipe_arguments(parser)
    add_job_arguments(parser, concurrency=10)
    parser.add_argument(
        "--pace",
        type=whole_number,
        default=2000,
        metavar="MB",
        help="MB a minute, 0 = no limit (default: 2000, Mixpanel's limit)",
    )
    return parser


def _add_recipe_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--event", metavar="NAME", help="name of all events", completes=""
    )
    for option, what in (
        ("--event-column", "name of the event"),
        ("--distinct-id", "distinct_id"),
        ("--time", "time"),
        ("--insert-id", "$insert_id"),
    ):
        parser.add_argument(option, metavar="COLUMN", help=f"column of the {what}")
    add_column_arguments(parser)


def run_import(arguments: Namespace, console: Console) -> int:
    """Import; return the exit status."""
    from mixtui.cli.jobs.event_import import import_events

    return import_events(arguments, console)
