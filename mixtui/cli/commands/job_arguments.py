"""The arguments that all commands have which run a job."""

from __future__ import annotations

from mixtui.cli.parsing import whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from mixtui.cli.parsing import Parser

PROGRESS = ("auto", "json", "none")


def add_job_arguments(parser: Parser, concurrency: int | None = None) -> None:
    """Add how a job is named, continued, confirmed and watched.

    Args:
        parser: Of the command.
        concurrency: Requests at once by default; None = the user has no say.
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
    parser.add_argument(
        "-y", "--yes", action="store_true", help="do not ask for confirmation"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
