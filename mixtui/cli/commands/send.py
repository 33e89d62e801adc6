"""Define the arguments of ``mixtui send``."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

APIS = ("ingestion", "query", "lexicon", "export", "pipelines", "connectors", "app")
BODY_TYPES = ("json", "ndjson", "form", "csv", "text", "file")
AUTH = (
    "auto",
    "service_account",
    "project_token",
    "project_secret",
    "oauth",
    "none",
)
# The values of Api, BodyType and AuthChoice, which --help need not import; a test
# compares them.


def send_arguments() -> Parser:
    parser = Parser(
        "send",
        "Send a request and print the response body on stdout; status, outcome and\n"
        "notices go to stderr. The request is a saved one (Folder/Name, or its "
        "name), a\n"
        "request file, or METHOD URL --api API, with a relative URL as in the app.\n"
        "\n"
        "Exit status: 0 accepted · 1 rejected · 2 invalid usage or request ·\n"
        "3 credentials · 4 quota exceeded · 5 no response, or an incomplete one ·\n"
        "6 partially imported · 130 interrupted · 141 stdout closed",
        (
            "mixtui send weekly-signups --var plan=pro",
            "mixtui send GET '/projects/{projectId}/annotations/{id}' --api app "
            "--path id=7",
            "mixtui send GET '/query/events/names?type=general' --api query",
            "mixtui send POST /import --api ingestion -d @events.ndjson -q strict=1",
            "mixtui send GET --api export -q from_date={{today-1d}} \\",
            "    -q to_date={{today-1d}} -o events.ndjson",
            "mixtui send GET /query/funnels/list --api query --filter '.[:3]'",
            "mixtui send POST /query/engage --api query --all-pages -o people.jsonl",
            "mixtui send --file request.toml --dry-run",
            "mixtui show weekly | sed s/7d/30d/ | mixtui send --file -",
        ),
    )
    parser.usage = (
        "mixtui send NAME [OPTIONS]\n"
        "       mixtui send --file FILE [OPTIONS]\n"
        "       mixtui send METHOD [URL] --api API [OPTIONS]"
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME | METHOD URL",
        help="saved request, or request to send",
    )
    parser.add_argument(
        "--file", metavar="FILE", help="request file (TOML), - for stdin"
    )
    parser.add_argument(
        "--api", metavar="API", choices=APIS, help=f"one of {', '.join(APIS)}"
    )
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        completes="path",
        help="value of the path parameter {NAME} in the URL, percent-encoded as one "
        "segment; repeatable",
    )
    parser.add_argument(
        "-q",
        "--query",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        completes="query",
        help="query parameter; replaces those with the same name in the saved "
        "request, but not in its URL; repeatable",
    )
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="header; replaces those with the same name; repeatable",
    )
    parser.add_argument(
        "-d",
        "--data",
        metavar="TEXT|@FILE|@-",
        help="request body: text, a text file, or stdin; also sent with DELETE",
    )
    parser.add_argument(
        "--body-type",
        metavar="TYPE",
        choices=BODY_TYPES,
        help=f"one of {', '.join(BODY_TYPES)}; file sends it byte for byte (default: "
        "by file extension or operation)",
    )
    parser.add_argument(
        "--auth", metavar="KIND", choices=AUTH, help=f"one of {', '.join(AUTH)}"
    )
    parser.add_argument(
        "--timeout", type=number, metavar="SECONDS", help="read timeout in seconds"
    )
    parser.add_argument(
        "--no-redirects", action="store_true", help="do not follow redirects"
    )
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        completes="variable",
        help="value of the variable or input {{NAME}}; repeatable. Other inputs are "
        "asked for on a terminal",
    )
    parser.add_session_arguments()
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the response body to FILE when it is complete; an incomplete one "
        "stays in FILE.part, an error response is printed",
    )
    parser.add_argument(
        "--filter",
        metavar="JQ",
        help="filter the response body with a jq program; an error response is "
        "printed unfiltered",
    )
    parser.add_argument(
        "--all-pages",
        action="store_true",
        help="write all pages of a profile query to -o FILE, one profile per line",
    )
    parser.add_argument(
        "--include",
        action="store_true",
        help="print status line and response headers first",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the request with secrets masked; do not send it",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print request, response, outcome and timing as a JSON object",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="do not ask for confirmation before a write (confirm_writes)",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="wait until the project's quota allows the request (reads only)",
    )
    parser.add_argument(
        "--confirm",
        metavar="PROJECT",
        help="confirm a request that deletes or replaces data in PROJECT",
    )
    parser.add_argument(
        "--no-hints",
        action="store_true",
        help="do not print hints (printed on a terminal and with --dry-run)",
    )
    parser.add_argument(
        "--no-history", action="store_true", help="do not record the request in history"
    )
    return parser


def run_send(arguments: Namespace, console: Console) -> int:
    """Send; return the exit status."""
    from mixtui.cli.send.send import send

    return send(arguments, console)
