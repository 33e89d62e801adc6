"""``mixtui events``: import and export events in bulk, and query them."""

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

OUTPUT_FORMATS = ("ndjson", "csv", "parquet", "duckdb")
# The values of jobs.record_output.OutputFormat, which --help need not import; a test
# compares them.
PROPERTIES = ("columns", "json")


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


def export_arguments() -> Parser:
    parser = Parser(
        "events export",
        "Export raw events to a file: JSON lines as Mixpanel sends them (.ndjson,\n"
        ".jsonl, .json), or a table (.csv, .parquet, .duckdb); .gz and .zst compress\n"
        "lines and CSV.\n"
        "The dates are days of the project's time zone, both inclusive. They are cut\n"
        "into requests of a day, or of more where the quota (60 an hour) asks for it.\n"
        "{date} in the name writes a file for each day.\n"
        "\n"
        "ctrl+c stops after what is being received; --resume continues.\n"
        "\n"
        "Exit status: 0 exported · 1 rejected · 2 invalid usage, or a file cannot be\n"
        "written · 3 credentials · 5 no complete response · 130 interrupted",
        (
            "mixtui events export --from 2026-01-01 --to 2026-01-31 -o jan.ndjson.gz",
            "mixtui events export --from 2026-01-01 --to 2026-03-31 -o q1.parquet",
            "mixtui events export --from 2026-01-01 --to 2026-01-07 -o "
            "'{date}.ndjson' \\",
            "    --event Purchase --where 'properties[\"amount\"] > 100'",
            "mixtui events export --from 2026-01-01 --to 2026-12-31 -o y.csv --dry-run",
        ),
    )
    for option, name in (("--from", "from_date"), ("--to", "to_date")):
        which = "first" if name == "from_date" else "last"
        parser.add_argument(
            option,
            dest=name,
            required=True,
            metavar="DATE",
            help=f"{which} day, such as 2026-01-31",
            completes="",
        )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="file to write; {date} in its name: a file for each day",
    )
    parser.add_session_arguments()
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="NAME",
        help="export only this event; repeatable",
        completes="",
    )
    parser.add_argument(
        "--where", metavar="EXPR", help="export only matching events", completes=""
    )
    parser.add_argument(
        "--limit",
        type=whole_number,
        metavar="N",
        help="export at most N events (100,000 at most), in one request",
    )
    parser.add_argument(
        "--window",
        type=whole_number,
        metavar="DAYS",
        help="days a request (default: as few as the quota allows)",
    )
    parser.add_argument(
        "--format",
        choices=OUTPUT_FORMATS,
        metavar="FORMAT",
        help=", ".join(OUTPUT_FORMATS),
    )
    parser.add_argument(
        "--properties",
        choices=PROPERTIES,
        default="columns",
        metavar="HOW",
        help="of a table: columns (one for each property), or json (one for all)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the plan and the requests, and send nothing",
    )
    add_job_arguments(parser, concurrency=4)
    return parser


def run_export(arguments: Namespace, console: Console) -> int:
    """Export; return the exit status."""
    from mixtui.cli.jobs.event_export import export_events

    return export_events(arguments, console)


def query_arguments() -> Parser:
    parser = Parser(
        "events query",
        "Run SQL on files of events, without a request: raw exports, and JSON, CSV,\n"
        "Parquet and DuckDB files. The table is events. Of a raw export it has the\n"
        "columns event, time, distinct_id, $insert_id, and one for each other property.\n"
        "\n"
        "The query (DuckDB's SQL) can only read these files.",
        (
            "mixtui events query jan.ndjson.gz \\",
            "    'SELECT event, count(*) FROM events GROUP BY ALL ORDER BY 2 DESC'",
            "mixtui events query 'export/*.parquet' --csv \\",
            "    'SELECT DISTINCT distinct_id FROM events WHERE \"$city\" = $$Oslo$$'",
            "mixtui events query jan.duckdb 'SELECT * FROM events LIMIT 5' --json",
        ),
    )
    parser.add_argument(
        "sources", nargs="+", metavar="FILE", help="file, glob or folder"
    )
    parser.add_argument(
        "query", metavar="SQL", help="a SELECT from events", completes=""
    )
    parser.add_argument("--csv", action="store_true", help="print CSV")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    parser.add_argument(
        "--limit",
        type=whole_number,
        default=0,
        metavar="N",
        help="print at most N rows (default: 100 of a table, else all)",
    )
    return parser


def run_query(arguments: Namespace, console: Console) -> int:
    """Query; return the exit status."""
    from mixtui.cli.jobs.event_query import query_events

    return query_events(arguments, console)
