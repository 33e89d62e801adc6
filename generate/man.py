"""The man page, from the parsers of the commands: docs/man/mixtui.1.

In the man(7) macros, which groff and mandoc know. argparse-manpage reads one parser with
subparsers; ours are loaded one at a time.
"""

from __future__ import annotations

import textwrap
from argparse import Action
from collections.abc import Iterable, Iterator
from itertools import groupby

from mixtui import __version__, log
from mixtui.cli.commands import load_command
from mixtui.cli.commands.names import COMMANDS
from mixtui.cli.commands.root import app_arguments
from mixtui.cli.parsing import Parser
from mixtui.model.errors import ExitStatus
from mixtui.session import ENVIRONMENT_VARIABLE, SANDBOX_VARIABLE
from mixtui.storage.environments import ENVIRONMENT_VARIABLES
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    ENVIRONMENTS_FILE,
    SETTINGS_FILE,
)

_DATE = "2026-11-30"
"""When the version of the page was released."""
_SUMMARY = "a terminal client for the Mixpanel HTTP APIs"
_DESCRIPTION = """\
mixtui builds, sends and explains requests to Mixpanel. Without a command, it starts the app \
in the terminal; “mixtui keys” lists its keys. Each command has its own --help.

The collection is a folder of saved requests: the one of --collection, else the nearest \
parent folder with a mixtui.toml, else $MIXTUI_COLLECTION, else the one in the data folder. An \
environment has the region, the project and the credentials: the one of --env, else \
$MIXTUI_ENV, else the default of environments.toml."""
_EXIT_STATUSES = {
    ExitStatus.ACCEPTED: "Accepted: everything you asked for was done.",
    ExitStatus.REFUSED: "Rejected by the server, whatever its HTTP status.",
    ExitStatus.USAGE: "Invalid usage, request or file.",
    ExitStatus.CREDENTIALS: "Credentials are missing or rejected.",
    ExitStatus.QUOTA: "Quota exceeded.",
    ExitStatus.NO_RESPONSE: "No response, or an incomplete one.",
    ExitStatus.PARTLY_STORED: "Partially imported.",
    ExitStatus.INTERRUPTED: "Interrupted; after another signal, 128 and its number.",
}
_FILES = {
    f"~/.config/mixtui/{ENVIRONMENTS_FILE}": "Environments, without secrets.",
    f"~/.config/mixtui/{CREDENTIALS_FILE}": "Secrets that were entered in mixtui. Only "
    "you can read it.",
    f"~/.config/mixtui/{SETTINGS_FILE}": "Theme, keys, mouse and history.",
    "~/.config/mixtui/themes/*.toml": "Your own themes.",
    "~/.local/share/mixtui/collection": "The collection if there is no other.",
    COLLECTION_FILE: "Marks a folder as a collection; may hold environments.",
    "~/.local/state/mixtui": "History, response bodies, drafts, quota counts, the trash, "
    "the log and crash reports.",
}
_VARIABLES = {
    "MIXTUI_COLLECTION": "The collection, if no parent folder is one.",
    log.VARIABLE: "Writes a log: error, info or debug. It contains no secrets.",
    ENVIRONMENT_VARIABLE: "The environment to use.",
    SANDBOX_VARIABLE: "The address of a running sandbox, whose environments are then used.",
    ", ".join(ENVIRONMENT_VARIABLES): "Define an environment if no file does.",
    "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME": "Folders to use instead of "
    "~/.config, ~/.local/share and ~/.local/state.",
    "VISUAL, EDITOR, PAGER": "Programs that the app opens bodies and responses in.",
    "NO_COLOR": "Show no colors.",
    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY": "Proxies, as in other programs.",
    "SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE": "Certificate "
    "authorities; the first one that is set.",
    "TZ": "Time zone of dates such as {{today}}.",
}
_ESCAPES = {
    "\\": r"\e",
    "-": r"\-",
    "~": r"\(ti",
    "^": r"\(ha",
    "`": r"\(ga",
    "'": r"\(aq",
    "“": r"\(lq",
    "”": r"\(rq",
    "…": "...",
}


def man_page() -> str:
    """Return the man page as roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    app = app_arguments()
    yield '.\\" Written by scripts/generate from the commands. Do not edit.'
    yield f'.TH MIXTUI 1 "{_DATE}" "mixtui {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"mixtui \- {_escape(_SUMMARY)}"
    yield ".SH SYNOPSIS"
    yield from _synopsis(app)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(_DESCRIPTION)
    yield ".SH OPTIONS"
    yield from _arguments(app)
    yield ".SH COMMANDS"
    for name in COMMANDS:
        yield from _command(name)
    yield ".SH EXIT STATUS"
    yield from _terms({str(k): text for k, text in _EXIT_STATUSES.items()})
    yield ".SH ENVIRONMENT"
    yield from _terms(_VARIABLES)
    yield ".SH FILES"
    yield from _terms(_FILES)
    yield ".SH EXAMPLES"
    yield from _examples(app)
    yield ".SH SEE ALSO"
    yield r"\fBcurl\fR(1), \fBjq\fR(1)"
    yield ".PP"
    yield "Documentation: https://github.com/mixtui/mixtui"


def _command(name: str) -> Iterator[str]:
    parser, _ = load_command(name)
    yield f".SS mixtui {name}"
    yield from _synopsis(parser)
    yield ".PP"
    yield from _paragraphs(parser.description or "")
    yield from _arguments(parser, besides="--help")
    if parser.epilog:
        yield ".PP"
        yield "Examples:"
        yield from _examples(parser)


def _synopsis(parser: Parser) -> Iterator[str]:
    usage = parser.format_usage().removeprefix("usage: ")
    lines = usage.splitlines() if parser.usage else [" ".join(usage.split())]
    for index, line in enumerate(lines):
        if index:
            yield ".br"
        yield from _fill(line.strip())


def _paragraphs(text: str) -> Iterator[str]:
    """Fill paragraphs, as a help text that breaks its lines itself has them."""
    for index, paragraph in enumerate(text.split("\n\n")):
        if index:
            yield ".PP"
        for is_literal, lines in groupby(
            paragraph.splitlines(), key=lambda line: line.startswith("  ")
        ):
            if is_literal:
                yield from _literal(line.strip() for line in lines)
            else:
                yield from _fill(" ".join(lines))


def _fill(text: str) -> Iterator[str]:
    """Write a text in lines that are short enough for every tool; roff joins them."""
    for line in textwrap.wrap(text, 60, break_long_words=False, break_on_hyphens=False):
        yield _escape(line)


def _literal(lines: Iterable[str]) -> Iterator[str]:
    yield from (".RS 4", ".nf", *map(_escape, lines), ".fi", ".RE")


def _arguments(parser: Parser, besides: str = "") -> Iterator[str]:
    for action in parser._actions:
        if besides in action.option_strings:
            continue
        yield ".TP"
        yield ", ".join(_names(action))
        yield from _fill(_sentence(action.help or ""))


def _names(action: Action) -> Iterator[str]:
    value = ""
    if action.nargs != 0:
        metavar = action.metavar or "|".join(map(str, action.choices or ()))
        value = rf"\fI{_escape(str(metavar or action.dest.upper()))}\fR"
    for option in action.option_strings:
        yield rf"\fB{_escape(option)}\fR {value}".rstrip()
    if not action.option_strings:
        yield value


def _terms(rows: dict[str, str]) -> Iterator[str]:
    for term, text in rows.items():
        yield ".TP"
        yield rf"\fB{_escape(term)}\fR"
        yield from _fill(text)


def _examples(parser: Parser) -> Iterator[str]:
    lines = (parser.epilog or "").splitlines()[1:]
    yield from _literal(line.removeprefix("  ") for line in lines)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _escape(text: str) -> str:
    escaped = "".join(_ESCAPES.get(c) or _ascii(c) for c in text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _ascii(char: str) -> str:
    return char if char.isascii() else rf"\[u{ord(char):04X}]"
