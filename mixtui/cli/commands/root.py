"""``mixtui`` itself: the options in front of a command, and which command it is."""

from __future__ import annotations

from mixtui.cli.commands.names import COMMANDS, command_table
from mixtui.cli.parsing import HelpRequested, Parser, unknown_command

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS_WITH_VALUE = ("--collection", "--env", "--theme")


def app_arguments() -> Parser:
    """Return the parser of the options in front of a command."""
    parser = Parser(
        "",
        "A terminal client for the Mixpanel HTTP APIs.\n\n"
        "Without a command, the app starts. Commands (each has its own --help):\n"
        f"{command_table()}",
        (
            "mixtui --sandbox                     try it; no request leaves the machine",
            "mixtui --env prod-eu                 start the app in an environment",
            "mixtui send weekly-signups           send a saved request",
            "mixtui send GET /query/events --api query -q 'event=[\"Sign up\"]' "
            "-q type=general \\",
            "    -q unit=day -q interval=7        send a request without saving it",
        ),
    )
    parser.usage = "mixtui [OPTIONS]\n       mixtui [OPTIONS] COMMAND …"
    parser.add_session_arguments()
    parser.add_argument(
        "--theme", metavar="NAME", completes="theme", help="color theme of the app"
    )
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="use the sandbox, a local stand-in for Mixpanel",
    )
    parser.add_argument(
        "--version", action="store_true", help="show the version and exit"
    )
    return parser


def split_options(argv: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Split off the options in front of the command."""
    index = 0
    while index < len(argv) and argv[index].startswith("-"):
        index += 2 if argv[index] in OPTIONS_WITH_VALUE else 1
    return argv[:index], argv[index:]


def split_command(argv: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Split the name of the command, of one or two words, from its arguments.

    Raises:
        UsageError: There is no such command.
        HelpRequested: Only a group is named.
    """
    first, second = argv[0], argv[1] if len(argv) > 1 else ""
    if first in COMMANDS:
        return first, argv[1:]
    commands = [name for name in COMMANDS if name.startswith(f"{first} ")]
    if not commands:
        names = {name.partition(" ")[0] for name in COMMANDS}
        raise unknown_command(first, sorted(names), "mixtui")
    if f"{first} {second}" in commands:
        return f"{first} {second}", argv[2:]
    if second in ("-h", "--help", ""):
        raise HelpRequested(
            f"usage: mixtui {first} COMMAND …\n\n{command_table(f'{first} ')}"
        )
    names = {name.partition(" ")[2] for name in commands}
    raise unknown_command(second, sorted(names), f"mixtui {first}")
