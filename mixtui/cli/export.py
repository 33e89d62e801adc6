"""``mixtui export``: its arguments."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

PROGRAMS = ("curl", "python", "httpie")
# As interchange.exporting has them; a test holds them together.


def export_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "export",
        "Print a saved request for another program, with everything that mixtui adds:\n"
        "as a curl or HTTPie command, or as a Python script with httpx. Secrets become\n"
        "variables, which are named on stderr.",
        (
            "mixtui export curl weekly-signups",
            "mixtui export python weekly-signups --env prod-eu -o weekly.py",
            "mixtui export httpie weekly-signups --var plan=pro",
        ),
    )
    parser.usage = "mixtui export curl|python|httpie NAME [OPTIONS]"
    parser.add_argument(
        "program",
        metavar="PROGRAM",
        choices=PROGRAMS,
        help=f"one of {', '.join(PROGRAMS)}",
    )
    parser.add_argument(
        "name", metavar="NAME", help="its path in the collection, or name"
    )
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value for {{NAME}}; may be repeated",
    )
    parser.add_argument(
        "--with-secrets",
        action="store_true",
        help="write the secrets themselves instead of variables",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there")
    parser.add_place()
    return parser


def run_export(arguments: Namespace, console: Console) -> int:
    """Export; returns the exit status."""
    from dataclasses import replace

    from mixtui.cli.drafting import variables
    from mixtui.cli.places import session_from_arguments
    from mixtui.core.errors import ExitStatus
    from mixtui.core.masking import Redactor
    from mixtui.core.prepare import prepare
    from mixtui.core.templates import Values
    from mixtui.interchange.exporting import Program, export
    from mixtui.storage import atomic

    session = session_from_arguments(arguments, console)
    request = session.collection.open(session.collection.lookup(arguments.name))
    given = variables(arguments)
    prepared = prepare(
        request.draft,
        # To write a request down sends nothing.
        replace(session.environment, read_only=False),
        folder=request.path.parent,
        values=Values(session.environment, given, console.variables),
    )
    done = export(
        prepared,
        request.draft,
        Program(arguments.program),
        reader=session.secrets if arguments.with_secrets else None,
        variables=console.variables,
    )
    masker = Redactor(prepared.sensitive)
    told = (*session.warnings, *request.warnings, *prepared.notices)
    for sentence in (*map(masker.text, told), *done.notes):
        console.say(sentence)
    if arguments.output:
        # With secrets in it, it is for its owner alone.
        mode = 0o600 if arguments.with_secrets else None
        path = console.folder / arguments.output
        atomic.write(path, done.text.encode(), mode=mode)
        console.say(f"Written to {path}.")
    else:
        # Nothing in it acts on a terminal: such characters are escaped.
        console.print(done.text.removesuffix("\n"))
    return ExitStatus.ACCEPTED
