"""``mixtui import openapi``: arguments; the work is in `import_file`."""

from __future__ import annotations

from mixtui.cli.import_arguments import add_file_arguments
from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def openapi_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "import openapi",
        "Turn an OpenAPI file (3.0 or 3.1, JSON or YAML) into saved requests: one for each\n"
        "operation and for each variant of its body, in a folder for each tag. Required\n"
        "parameters come first; optional ones are switched off. No file is overwritten.",
        (
            "mixtui import openapi query.openapi.yaml",
            "mixtui import openapi spec.json --into vendor/mixpanel",
            "curl -s https://example.com/spec.yaml | mixtui import openapi -",
        ),
    )
    add_file_arguments(parser)
    return parser


def run_openapi(arguments: Namespace, console: Console) -> int:
    """Import; returns the exit status."""
    from mixtui.cli.import_file import run_import
    from mixtui.interchange.openapi import import_openapi

    return run_import(arguments, console, import_openapi)
