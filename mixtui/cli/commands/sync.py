"""``mixtui schemas`` and ``mixtui annotations``: keep them in files, for git."""

from __future__ import annotations

from mixtui.cli.commands.job_arguments import add_confirmation_arguments
from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

_PUSH_STATUS = (
    "Exit status: 0 done · 1 refused, changed on both sides, or --check found a\n"
    "difference · 2 invalid usage or file · 3 credentials · 5 no response ·\n"
    "6 partly done · 130 interrupted"
)
_PULL_STATUS = (
    "Exit status: 0 done · 1 refused, changed on both sides, or --check found a\n"
    "difference · 2 invalid usage or file · 3 credentials · 5 no response"
)


def schemas_pull_arguments() -> Parser:
    parser = Parser(
        "schemas pull",
        "Write the Lexicon schemas of a project into a folder, a JSON file for each "
        "event\n"
        "and profile, for git. Files that mean the same are not touched. What was "
        "edited\n"
        "since the last pull is kept.\n"
        "\n" + _PULL_STATUS,
        (
            "mixtui schemas pull",
            "mixtui schemas pull lexicon --env prod-eu --prune",
            "mixtui schemas pull --check",
        ),
    )
    parser.add_argument(
        "path",
        nargs="?",
        default="schemas",
        metavar="FOLDER",
        help="folder of the files (default: schemas)",
        completes="folder",
    )
    _add_pull_arguments(parser)
    return parser


def schemas_push_arguments() -> Parser:
    parser = Parser(
        "schemas push",
        "Make the Lexicon schemas of a project like the files of a folder: print the\n"
        "difference, ask, send it within Mixpanel's limits (5 requests, and 4,000 "
        "events\n"
        "and properties a minute), and read it again. What was changed in the project\n"
        "since the last pull is left as it is.\n"
        "\n" + _PUSH_STATUS,
        (
            "mixtui schemas push",
            "mixtui schemas push --dry-run",
            "mixtui schemas push lexicon --env prod-eu --check   # in CI",
            "mixtui schemas push --prune --yes",
        ),
    )
    parser.add_argument(
        "path",
        nargs="?",
        default="schemas",
        metavar="FOLDER",
        help="folder of the files (default: schemas)",
        completes="folder",
    )
    _add_push_arguments(parser)
    return parser


def annotations_pull_arguments() -> Parser:
    parser = Parser(
        "annotations pull",
        "Write the annotations of a project into a JSON file, by date. What was edited\n"
        "since the last pull is kept.\n"
        "\n" + _PULL_STATUS,
        (
            "mixtui annotations pull",
            "mixtui annotations pull releases.json --env prod-eu",
        ),
    )
    _add_file_argument(parser)
    _add_pull_arguments(parser)
    return parser


def annotations_push_arguments() -> Parser:
    parser = Parser(
        "annotations push",
        "Make the annotations of a project like those of a JSON file: print the\n"
        "difference, ask where the environment wants it, send it, and read it again.\n"
        "New entries have no id; it is written into the file.\n"
        "\n" + _PUSH_STATUS,
        (
            "mixtui annotations push",
            "mixtui annotations push releases.json --env prod-eu --yes",
            "mixtui annotations push --dry-run",
        ),
    )
    _add_file_argument(parser)
    _add_push_arguments(parser)
    return parser


def _add_file_argument(parser: Parser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        default="annotations.json",
        metavar="FILE",
        help="the file (default: annotations.json)",
    )


def _add_pull_arguments(parser: Parser) -> None:
    parser.add_session_arguments()
    parser.add_argument(
        "--prune",
        action="store_true",
        help="remove from the files what the project does not have",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace edited files, too, by what the project has",
    )
    _add_common_arguments(parser)


def _add_push_arguments(parser: Parser) -> None:
    parser.add_session_arguments()
    parser.add_argument(
        "--prune",
        action="store_true",
        help="remove from the project what the files do not have",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace what was changed in the project since the last pull, too",
    )
    _add_common_arguments(parser)
    add_confirmation_arguments(parser, may_delete=True)


def _add_common_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the changes as a diff, and change nothing",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="print all differences, and exit with 1 if there are any",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run_schemas_pull(arguments: Namespace, console: Console) -> int:
    """Pull; return the exit status."""
    from mixtui.cli.jobs.sync import SCHEMAS, run_pull

    return run_pull(SCHEMAS, arguments, console)


def run_schemas_push(arguments: Namespace, console: Console) -> int:
    """Push; return the exit status."""
    from mixtui.cli.jobs.sync import SCHEMAS, run_push

    return run_push(SCHEMAS, arguments, console)


def run_annotations_pull(arguments: Namespace, console: Console) -> int:
    """Pull; return the exit status."""
    from mixtui.cli.jobs.sync import ANNOTATIONS, run_pull

    return run_pull(ANNOTATIONS, arguments, console)


def run_annotations_push(arguments: Namespace, console: Console) -> int:
    """Push; return the exit status."""
    from mixtui.cli.jobs.sync import ANNOTATIONS, run_push

    return run_push(ANNOTATIONS, arguments, console)
