"""``mixtui import``: the arguments of curl, openapi and postman."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, add_file_arguments

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def curl_arguments() -> Parser:
    """Return the parser of ``mixtui import curl``."""
    parser = Parser(
        "import curl",
        "Import a curl command as a request, and print it as a request file or save "
        "it.\n"
        "Nothing is sent. SOURCE is a file, - for stdin, or the command as one "
        "argument.\n"
        "Files named in the command are relative to the folder of SOURCE, or else to "
        "the\n"
        "current one. Credentials are never stored in the request: --credentials-to\n"
        "stores them in an environment; otherwise they are dropped.",
        (
            "mixtui import curl command.sh",
            "mixtui import curl - --save weekly --credentials-to prod-eu < command.sh",
            "mixtui import curl \"curl 'https://eu.mixpanel.com/api/query/events'\"",
        ),
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="file, - for stdin, or a command"
    )
    parser.add_argument(
        "--save",
        metavar="NAME",
        completes="location",
        help="save it as Folder/Name instead of printing it",
    )
    parser.add_argument(
        "--credentials-to",
        metavar="ENV",
        help="store the credentials in this environment, created if it does not exist",
    )
    parser.add_session_arguments()
    return parser


def run_curl(arguments: Namespace, console: Console) -> int:
    """Import a curl command; return the exit status."""
    from mixtui.cli.arguments import session_from_arguments
    from mixtui.cli.request_import import finish_import, read_command
    from mixtui.interchange.curl.command import import_curl
    from mixtui.interchange.sniff import is_curl
    from mixtui.model.errors import ExitStatus

    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.report(warning)
    text, folder = arguments.source, console.folder
    if not is_curl(text):
        text, folder = read_command(text, console)
    environments = (session.environment, *session.environments.all)
    finish_import(import_curl(text, environments, folder), arguments, session, console)
    return ExitStatus.ACCEPTED


def openapi_arguments() -> Parser:
    """Return the parser of ``mixtui import openapi``."""
    parser = Parser(
        "import openapi",
        "Import an OpenAPI file (3.0 or 3.1, JSON or YAML) as saved requests: one for\n"
        "each operation and body variant, in one folder for each tag. Optional "
        "parameters\n"
        "are disabled. No file is overwritten.",
        (
            "mixtui import openapi query.openapi.yaml",
            "mixtui import openapi spec.json --into vendor/mixpanel",
            "curl -s https://example.com/spec.yaml | mixtui import openapi -",
        ),
    )
    add_file_arguments(parser)
    return parser


def run_openapi(arguments: Namespace, console: Console) -> int:
    """Import an OpenAPI file; return the exit status."""
    from mixtui.cli.request_import import run_import
    from mixtui.interchange.files.openapi.document import import_openapi

    return run_import(arguments, console, import_openapi)


def postman_arguments() -> Parser:
    """Return the parser of ``mixtui import postman``."""
    parser = Parser(
        "import postman",
        "Import a Postman collection (v2.1 or v2.0) as saved requests, in the same\n"
        "folders. Variables stay templates; credentials are reported, not stored. No "
        "file\n"
        "is overwritten.",
        (
            "mixtui import postman Mixpanel.postman_collection.json",
            "mixtui import postman export.json --into team --dry-run",
        ),
    )
    add_file_arguments(parser)
    return parser


def run_postman(arguments: Namespace, console: Console) -> int:
    """Import a Postman collection; return the exit status."""
    from mixtui.cli.request_import import run_import
    from mixtui.interchange.files.postman.collection import import_postman

    return run_import(arguments, console, import_postman)
