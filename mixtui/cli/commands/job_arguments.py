"""The arguments that commands have in common which run a job."""

from __future__ import annotations

from mixtui.cli.parsing import whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from mixtui.cli.parsing import Parser

PROGRESS = ("auto", "json", "none")
FORMATS = ("ndjson", "json", "csv", "tsv", "parquet")
# The values of jobs.sources.Format, which --help need not import; a test compares them.


def add_job_arguments(
    parser: Parser, concurrency: int | None = None, *, may_delete: bool = False
) -> None:
    """Add how a job is named, continued, confirmed and watched.

    Args:
        parser: Of the command.
        concurrency: Requests at once by default; None = the user has no say.
        may_delete: Whether it may have to be confirmed by the id of the project.
    """
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="name of the job (default: from what it reads)",
        completes="",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue a job that has stopped"
    )
    parser.add_argument(
        "--restart", action="store_true", help="start an unfinished job over"
    )
    if concurrency is not None:
        parser.add_argument(
            "--concurrency",
            type=whole_number,
            default=concurrency,
            metavar="N",
            help=f"requests at once (default: {concurrency})",
        )
    parser.add_argument(
        "--progress",
        choices=PROGRESS,
        default="auto",
        metavar="HOW",
        help="auto, json (a line a second on stderr) or none",
    )
    add_confirmation_arguments(parser, may_delete=may_delete)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_confirmation_arguments(parser: Parser, *, may_delete: bool) -> None:
    """Add how a write is confirmed without a terminal.

    Args:
        parser: Of the command.
        may_delete: Whether it may have to be confirmed by the id of the project.
    """
    parser.add_argument(
        "-y", "--yes", action="store_true", help="do not ask for confirmation"
    )
    if may_delete:
        parser.add_argument(
            "--confirm",
            metavar="PROJECT",
            help="confirm what deletes or replaces by the id of the project",
            completes="",
        )
    else:
        parser.set_defaults(confirm=None)


def add_import_arguments(parser: Parser) -> None:
    """Add what is imported to where, and what is done about invalid records."""
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
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the plan, and the first 20 records as they would be sent",
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
        "--shard",
        default="",
        metavar="I/N",
        help="import only the Ith of N parts, of the same sources on N machines",
        completes="",
    )
    parser.add_argument(
        "--rejected",
        metavar="FILE",
        help="write rejected records to FILE, with reasons; it can be imported again",
    )
    parser.add_argument(
        "--recipe", metavar="FILE", help="TOML file that says which column is what"
    )


def add_column_arguments(parser: Parser) -> None:
    """Add which columns become properties, and of which type."""
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
