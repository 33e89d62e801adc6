"""Define the arguments of ``mixtui send``."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

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
        "Send a request and print the body of the answer on stdout; status, outcome\n"
        "and notices go to stderr. The request is a saved one (NAME, a path in the\n"
        "collection or a name), a file, or typed here: METHOD URL --api API, with the\n"
        "relative URL as in the screen.\n\n"
        "Exit status: 0 accepted · 1 answered but refused · 2 bad usage or draft ·\n"
        "3 credentials · 4 quota · 5 no answer, or a part of one · 6 partly stored ·\n"
        "130 interrupted · 141 nobody reads stdout any more",
        (
            "mixtui send weekly-signups --var plan=pro",
            "mixtui send GET '/query/events/names?type=general' --api query",
            "mixtui send POST /import --api ingestion -d @events.ndjson -q strict=1",
            "mixtui send GET --api export -q from_date={{today-1d}} \\",
            "    -q to_date={{today-1d}} -o events.ndjson",
            "mixtui send GET /query/funnels/list --api query --filter '.[:3]'",
            "mixtui send POST /query/engage --api query --all-pages -o people.jsonl",
            "mixtui send --file request.toml --dry-run",
        ),
    )
    parser.usage = (
        "mixtui send NAME [OPTIONS]\n"
        "       mixtui send --file FILE [OPTIONS]\n"
        "       mixtui send METHOD [URL] --api API [OPTIONS]"
    )
    parser.add_argument("words", nargs="*", metavar="NAME | METHOD URL", help="what")
    parser.add_argument("--file", metavar="FILE", help="a request file (TOML)")
    parser.add_argument(
        "--api", metavar="API", choices=APIS, help=f"one of {', '.join(APIS)}"
    )
    parser.add_argument(
        "-q",
        "--query",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a query parameter; replaces the rows of that name in a saved request "
        "(not what stands in its URL); may be repeated",
    )
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a header; replaces the rows of that name; may be repeated",
    )
    parser.add_argument(
        "-d",
        "--data",
        metavar="TEXT|@FILE|@-",
        help="the body: text, the text of a file, or of stdin; sent with DELETE too",
    )
    parser.add_argument(
        "--body-type",
        metavar="TYPE",
        choices=BODY_TYPES,
        help=f"one of {', '.join(BODY_TYPES)}; file sends it byte for byte "
        "(otherwise: from the file's ending, or what the operation takes)",
    )
    parser.add_argument(
        "--auth", metavar="KIND", choices=AUTH, help=f"one of {', '.join(AUTH)}"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="without a sign of life"
    )
    parser.add_argument(
        "--no-redirects", action="store_true", help="follow no redirect"
    )
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value for {{NAME}}; may be repeated",
    )
    parser.add_session_arguments()
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the body there, whole or not at all: a part stays as FILE.part, and "
        "a refusal is printed",
    )
    parser.add_argument(
        "--filter",
        metavar="JQ",
        help="print what this jq program makes of the body; a refusal is printed as it "
        "came",
    )
    parser.add_argument(
        "--all-pages",
        action="store_true",
        help="of a profile query, write every page to -o FILE, a profile a line",
    )
    parser.add_argument(
        "--include", action="store_true", help="print status line and headers first"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the request, secrets masked, and send nothing",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print request, answer, outcome and timing as one JSON object",
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask before a write (confirm_writes)"
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="wait until the project's quota has a slot (reads alone; ctrl+c stops)",
    )
    parser.add_argument(
        "--confirm",
        metavar="PROJECT",
        help="do not ask before what deletes or replaces data of this project",
    )
    parser.add_argument(
        "--no-hints",
        action="store_true",
        help="say nothing of what is probably wrong (said on a terminal and with "
        "--dry-run)",
    )
    parser.add_argument(
        "--no-history", action="store_true", help="keep nothing of it in the history"
    )
    return parser


def run_send(arguments: Namespace, console: Console) -> int:
    """Send; return the exit status."""
    from mixtui.cli.send.send import send

    return send(arguments, console)
