"""The arguments that every import of a file takes."""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from mixtui.cli.parsing import Parser


def add_file_arguments(parser: Parser) -> None:
    """A source, where its requests go, and how to report."""
    parser.add_argument("source", metavar="SOURCE", help="a file; - is standard input")
    parser.add_argument(
        "--into", metavar="FOLDER", help="the folder; otherwise the file's own title"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be made; write nothing"
    )
    parser.add_place()
    parser.add_argument("--json", action="store_true", help="print a JSON report")
