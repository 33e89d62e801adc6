"""``mixtui profiles`` and ``mixtui groups``: import and export profiles in bulk."""

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

OPERATIONS = (
    "set",
    "set_once",
    "add",
    "append",
    "union",
    "remove",
    "unset",
    "delete",
)
# The values of jobs.profile_recipe.ProfileOperation, which --help need not import; a test
# compares them.
OUTPUT_FORMATS = ("ndjson", "csv", "parquet", "duckdb")
_ACCOUNT = (
    "Each record is checked, sent, and accounted for:\n"
    "\n"
    "  records read = stored + rejected + not sent\n"
    "\n"
    "To add, append or remove twice is not the same as once: such updates are never\n"
    "resent. If the response does not come, they are counted as unknown, and\n"
    "--unknown writes them to a file. Updates of one profile are sent in order.\n"
    "\n"
    "Exit status: 0 all stored · 6 some rejected · 2 invalid usage or records ·\n"
    "3 credentials · 5 no response, or some unknown · 130 interrupted"
)


def import_users_arguments() -> Parser:
    parser = Parser(
        "profiles import",
        "Import user profiles from files, globs, folders or stdin (-), in the formats of\n"
        "“mixtui events import”: updates as /engage takes them, exported profiles\n"
        "(set), or rows with an --operation.\n"
        "\n" + _ACCOUNT,
        (
            "mixtui profiles import updates.ndjson",
            "mixtui profiles import profiles.ndjson --to staging --yes",
            "mixtui profiles import users.csv --distinct-id user_id --number age",
            "mixtui profiles import credits.csv --operation add --drop note",
            "mixtui profiles import gone.csv --operation delete --confirm 1234567",
            "mixtui profiles import updates.ndjson --resume",
        ),
    )
    add_import_arguments(parser)
    _add_operation(parser, OPERATIONS)
    parser.add_argument(
        "--distinct-id", metavar="COLUMN", help="column of the distinct_id"
    )
    _add_common_arguments(parser)
    return parser


def import_groups_arguments() -> Parser:
    parser = Parser(
        "groups import",
        "Import group profiles from files, globs, folders or stdin (-), in the formats of\n"
        "“mixtui events import”: updates as /groups takes them, exported profiles\n"
        "(set), or rows with an --operation.\n"
        "\n" + _ACCOUNT,
        (
            "mixtui groups import updates.ndjson",
            "mixtui groups import companies.ndjson --group-key company",
            "mixtui groups import companies.csv --group-key company --group-id id",
            "mixtui groups import tags.csv --group-key company --operation union",
        ),
    )
    add_import_arguments(parser)
    _add_operation(parser, tuple(o for o in OPERATIONS if o not in ("add", "append")))
    parser.add_argument(
        "--group-key",
        metavar="KEY",
        help="group key of records that name none",
        completes="",
    )
    parser.add_argument("--group-id", metavar="COLUMN", help="column of the group id")
    _add_common_arguments(parser)
    return parser


def export_users_arguments() -> Parser:
    parser = Parser(
        "profiles export",
        "Export user profiles to a file: JSON lines as Mixpanel sends them (.ndjson,\n"
        ".jsonl, .json), or a table with a column for each property (.csv, .parquet).\n"
        + _EXPORT,
        (
            "mixtui profiles export -o profiles.ndjson",
            'mixtui profiles export -o paying.csv --where \'properties["plan"] == "pro"\'',
            "mixtui profiles export -o emails.parquet --output-properties '$email'",
            "mixtui profiles export -o some.ndjson --distinct-ids ids.txt",
            "mixtui profiles export -o cohort.ndjson --cohort 1234 --resume",
        ),
    )
    _add_export_arguments(parser)
    parser.add_argument(
        "--cohort",
        type=whole_number,
        metavar="ID",
        help="export only the members of this cohort",
        completes="",
    )
    parser.add_argument(
        "--distinct-ids",
        metavar="FILE",
        help="export only the profiles of the ids in FILE, one a line (- = stdin)",
    )
    add_job_arguments(parser)
    return parser


def export_groups_arguments() -> Parser:
    parser = Parser(
        "groups export",
        "Export group profiles to a file: JSON lines as Mixpanel sends them (.ndjson,\n"
        ".jsonl, .json), or a table with a column for each property (.csv, .parquet).\n"
        + _EXPORT,
        (
            "mixtui groups export --data-group-id 4242424242 -o companies.ndjson",
            "mixtui groups import companies.ndjson --group-key company --to staging",
        ),
    )
    _add_export_arguments(parser)
    parser.add_argument(
        "--data-group-id",
        required=True,
        metavar="ID",
        help="id of the group key, as the project's settings show it",
        completes="",
    )
    add_job_arguments(parser)
    return parser


_EXPORT = (
    "\n"
    "All pages are one query of the quota (60 an hour). ctrl+c stops after a page;\n"
    "--resume continues while Mixpanel keeps the query, and else starts over.\n"
    "\n"
    "Exit status: 0 exported · 1 rejected · 2 invalid usage, or a file cannot be\n"
    "written · 3 credentials · 5 no complete response · 130 interrupted"
)


def _add_export_arguments(parser: Parser) -> None:
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="file to write"
    )
    parser.add_session_arguments()
    parser.add_argument(
        "--where",
        default="",
        metavar="EXPR",
        help="export only matching profiles",
        completes="",
    )
    parser.add_argument(
        "--output-properties",
        action="append",
        default=[],
        metavar="NAME",
        help="export only this property; repeatable",
        completes="",
    )
    parser.add_argument(
        "--format",
        choices=OUTPUT_FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(OUTPUT_FORMATS)} (default: as the name of FILE says)",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that exists"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the plan and the query, and send nothing",
    )


def _add_operation(parser: Parser, operations: tuple[str, ...]) -> None:
    parser.add_argument(
        "--operation",
        choices=operations,
        metavar="OPERATION",
        help=f"what is done with each row: {', '.join(operations)} (default: set)",
    )


def _add_common_arguments(parser: Parser) -> None:
    add_column_arguments(parser)
    parser.add_argument(
        "--unknown",
        metavar="FILE",
        help="write records that may be stored or not to FILE, with reasons",
    )
    parser.add_argument(
        "--batch-size",
        type=whole_number,
        default=200,
        metavar="N",
        help="updates in a request (default: 200, as Mixpanel recommends; at most 2000)",
    )
    add_job_arguments(parser, concurrency=10, may_delete=True)


def run_import_users(arguments: Namespace, console: Console) -> int:
    """Import user profiles; return the exit status."""
    from mixtui.cli.jobs.profile_import import import_users

    return import_users(arguments, console)


def run_import_groups(arguments: Namespace, console: Console) -> int:
    """Import group profiles; return the exit status."""
    from mixtui.cli.jobs.profile_import import import_groups

    return import_groups(arguments, console)


def run_export_users(arguments: Namespace, console: Console) -> int:
    """Export user profiles; return the exit status."""
    from mixtui.cli.jobs.profile_export import export_users

    return export_users(arguments, console)


def run_export_groups(arguments: Namespace, console: Console) -> int:
    """Export group profiles; return the exit status."""
    from mixtui.cli.jobs.profile_export import export_groups

    return export_groups(arguments, console)
