"""``mixtui migrate``: copy events and profiles from one project to another."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console
    from mixtui.cli.jobs.migrate import LoadCommand


def migrate_arguments() -> Parser:
    parser = Parser(
        "migrate",
        "Copy events and user profiles from one project to another, in any region:\n"
        "export, import, then export what arrived and compare the numbers by day and\n"
        "event. Each step is a job of its own (mixtui jobs list); --resume continues\n"
        "with the one that stopped. Ids are kept: events have their $insert_id,\n"
        "distinct_id, $device_id and $user_id, so that a second run stores nothing "
        "twice.\n"
        "\n"
        "Exit status: 0 all copied · 6 some rejected, or the numbers differ ·\n"
        "that of the step that stopped",
        (
            "mixtui migrate --from prod --to staging --dates 2026-01-01..2026-01-31 "
            "--dry-run",
            "mixtui migrate --from old-us --to new-eu --dates 2025-01-01..2025-12-31",
            "mixtui migrate --from old-us --to new-eu --dates 2025-01-01..2025-12-31 \\",
            "    --resume",
        ),
    )
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="ENV",
        completes="environment",
        help="environment to copy from",
    )
    parser.add_argument(
        "--to",
        dest="target",
        required=True,
        metavar="ENV",
        completes="environment",
        help="environment to copy to",
    )
    parser.add_argument(
        "--dates",
        required=True,
        metavar="DAY..DAY",
        help="first and last day, in the time zone of the source's project",
        completes="",
    )
    parser.add_session_arguments()
    parser.add_argument("--no-events", action="store_true", help="copy profiles only")
    parser.add_argument("--no-profiles", action="store_true", help="copy events only")
    parser.add_argument(
        "--no-compare", action="store_true", help="do not compare the numbers"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the exported files, and name them"
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="name of the migration (default: from what it copies)",
        completes="",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue a migration that has stopped"
    )
    parser.add_argument(
        "--restart", action="store_true", help="start an unfinished migration over"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the steps, and send nothing"
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="do not ask for confirmation"
    )
    return parser


def run_migrate(
    arguments: Namespace, console: Console, load_command: LoadCommand
) -> int:
    """Migrate; return the exit status."""
    from mixtui.cli.jobs.migrate import migrate

    return migrate(arguments, console, load_command)
