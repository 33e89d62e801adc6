"""``mixtui events``: import events in bulk."""

from __future__ import annotations

from mixtui.cli.commands.job_arguments import add_job_arguments
from mixtui.cli.parsing import Parser, whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

FORMATS = ("ndjson", "json", "csv", "tsv", "parquet")
# The values of jobs.sources.Format, which --help need not import; a test compares them.


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
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="file, glob, folder, or -"
    )
    parser.add_session_arguments()
    parser.add_argument(
        "--to", metavar="ENV", help="environment to import to (same as --env)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS)
    )
    parser.add_argument(
        "--sql",
        default="",
        metavar="QUERY",
        help="import the rows of this query, which selects FROM source (DuckDB)",
    )
    _add_recipe_arguments(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the plan, and the first 20 events as they would be sent",
    )
    parser.add_argument(
        "--check", action="store_true", help="check all records, and send nothing"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="check all records first, and send nothing if one is invalid",
    )
    parser.add_argument(
        "--rejected",
        metavar="FILE",
        help="write rejected records to FILE, with reasons; it can be imported again",
    )
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
        "--recipe", metavar="FILE", help="TOML file that says which column is what"
    )
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
    parser.add_argument(
        "--time-format",
        metavar="FORMAT",
        help="iso, unix, or as for strptime: %%d.%%m.%%Y %%H:%%M",
    )
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="of times without one (default: UTC)"
    )
    for option, metavar, what in (
        ("--keep", "COLUMN", "send only this column as a property"),
        ("--drop", "COLUMN", "do not send this column"),
        ("--rename", "COLUMN=NAME", "send it under another name"),
        ("--number", "COLUMN", "send text as a number"),
        ("--boolean", "COLUMN", "send text as true or false"),
        ("--parse-json", "COLUMN", "send text as the JSON that it is"),
    ):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar=metavar,
            help=f"{what}; repeatable",
        )


def run_import(arguments: Namespace, console: Console) -> int:
    """Import; return the exit status."""
    from mixtui.cli.jobs.event_import import import_events

    return import_events(arguments, console)
