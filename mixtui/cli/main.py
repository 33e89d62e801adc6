"""The entry: which command, and what every error becomes.

This is the one place where errors turn into words and an exit status.
"""

from __future__ import annotations

from mixtui.cli.console import Console, OutputFailed
from mixtui.cli.parsing import HelpRequested, Parser, UsageError, did_you_mean

COMMANDS = {
    "send": ("mixtui.cli.send", "send", "send a request, saved or typed here"),
    "list": ("mixtui.cli.requests", "list", "list the saved requests"),
    "show": ("mixtui.cli.requests", "show", "print a saved request"),
    "operations": (
        "mixtui.cli.operations",
        "operations",
        "look up what Mixpanel's API can do",
    ),
    "new": ("mixtui.cli.operations", "new", "make a request of an operation"),
    "import curl": ("mixtui.cli.imports", "curl", "take a curl command over"),
    "import openapi": (
        "mixtui.cli.imports",
        "openapi",
        "take an OpenAPI file over",
    ),
    "import postman": (
        "mixtui.cli.imports",
        "postman",
        "take a Postman collection over",
    ),
    "export": (
        "mixtui.cli.requests",
        "export",
        "print a request for curl, Python or HTTPie",
    ),
    "env list": ("mixtui.cli.environments", "list", "list the environments"),
    "env show": (
        "mixtui.cli.environments",
        "show",
        "print an environment, secrets masked",
    ),
    "env add": ("mixtui.cli.environments", "add", "add an environment"),
    "env check": (
        "mixtui.cli.environments",
        "check",
        "check environments and their secrets",
    ),
    "history list": ("mixtui.cli.history", "list", "list what was exchanged"),
    "history show": (
        "mixtui.cli.history",
        "show",
        "print an exchange or its body",
    ),
    "history purge": ("mixtui.cli.history", "purge", "forget what was exchanged"),
    "quota": ("mixtui.cli.quota", "quota", "say how many calls a project has left"),
    "keys": ("mixtui.cli.keys", "keys", "list the keys of the screen"),
    "sandbox": ("mixtui.cli.sandbox", "sandbox", "run a local stand-in for Mixpanel"),
}
"""Name: module, verb and summary. The module has ``VERB_arguments()``, a `Parser`, and
``run_VERB(arguments, console)``, which returns the exit status. Names of two words are
a group and a command in it."""


def table(group: str = "") -> str:
    """The commands, or those of a group, with their lines."""
    rows = {n: line for n, (_, _, line) in COMMANDS.items() if n.startswith(group)}
    width = max(len(name) for name in rows)
    return "\n".join(f"  {name:<{width}}  {line}" for name, line in rows.items())


TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    Command = Callable[[Console], int]

_WITH_VALUE = ("--collection", "--env", "--theme")
_PIPE_CLOSED = 141
"""What a shell reports of a program that wrote to a closed pipe (128 + SIGPIPE)."""
# As core.errors.ExitStatus has them; --help need not import it.
_USAGE = 2
_INTERRUPTED = 130


def run(words: Sequence[str], console: Console | None = None) -> int:
    """Run one command line.

    Args:
        words: The arguments, without the program's name.
        console: Streams and variables; None = the process's own.

    Returns:
        The exit status (see `model.errors.ExitStatus`).
    """
    console = console or Console.of_process()
    try:
        return _run(words, console)
    except BrokenPipeError:
        console.abandon_stdout()
        return _PIPE_CLOSED
    except OutputFailed as error:
        console.abandon_stdout()
        console.say(f"mixtui: {error}")
        return _USAGE
    except KeyboardInterrupt as interrupt:
        console.say(f"mixtui: {str(interrupt) or 'Interrupted.'}")
        return _INTERRUPTED


def _run(words: Sequence[str], console: Console) -> int:
    try:
        command = _command(words)
    except HelpRequested as asked:
        console.print(str(asked))
        console.flush()
        return 0
    except UsageError as error:
        console.say(f"mixtui: {error}")
        return _USAGE
    from mixtui.model.errors import MixtuiError

    try:
        status = command(console)
        console.flush()
        return status
    except UsageError as error:
        console.say(f"mixtui: {error}")
        return _USAGE
    except MixtuiError as error:
        console.say(f"mixtui: {error}")
        return error.exit_status


def _command(words: Sequence[str]) -> Command:
    """What the words ask for.

    Raises:
        UsageError: They ask for nothing that there is.
        HelpAsked: They ask for a help.
    """
    front, rest = _split(words)
    parser = _screen_parser()
    given = parser.parse(front, _namespace())
    if given.version:
        from mixtui import __version__

        raise HelpRequested(f"mixtui {__version__}")
    if not rest:
        return lambda console: _screen(given)
    if given.theme or given.sandbox:
        option = "--theme" if given.theme else "--sandbox"
        parser.error(f"{option} belongs to the screen and not to «mixtui {rest[0]}»")
    name, words = _named(rest)
    from importlib import import_module

    module_name, verb, _ = COMMANDS[name]
    module = import_module(module_name)
    arguments = getattr(module, f"{verb}_arguments")().parse(words, given)
    run_command = getattr(module, f"run_{verb}")

    def command(console: Console) -> int:
        status: int = run_command(arguments, console)
        return status

    return command


def _namespace() -> Namespace:
    from argparse import Namespace

    return Namespace()


def _split(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The options in front, and the command with what follows."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _WITH_VALUE else 1
    return words[:index], words[index:]


def _named(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """A command's name and what follows it."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first in COMMANDS:
        return first, words[1:]
    inside = [name for name in COMMANDS if name.startswith(f"{first} ")]
    if not inside:
        names = {name.partition(" ")[0] for name in COMMANDS}
        raise UsageError(
            f"There is no command «{first}»{did_you_mean(first, sorted(names))}: "
            "see «mixtui --help»."
        )
    if f"{first} {second}" in inside:
        return f"{first} {second}", words[2:]
    if second in ("-h", "--help", ""):
        raise HelpRequested(f"usage: mixtui {first} COMMAND …\n\n{table(f'{first} ')}")
    hint = did_you_mean(second, [name.partition(" ")[2] for name in inside])
    raise UsageError(
        f"There is no command «{first} {second}»{hint}: see «mixtui {first} --help»."
    )


def _screen_parser() -> Parser:
    parser = Parser(
        "",
        "A terminal client for the Mixpanel HTTP APIs.\n\n"
        "Without a command: the screen. Commands (each has its own --help):\n"
        f"{table()}",
        (
            "mixtui --sandbox                     look around; nothing leaves here",
            "mixtui --env prod-eu                 the screen in an environment",
            "mixtui send weekly-signups           a saved request, without the screen",
            "mixtui send GET /query/events --api query -q 'event=[\"Sign up\"]' "
            "-q type=general \\",
            "    -q unit=day -q interval=7        one typed here",
        ),
    )
    parser.usage = "mixtui [OPTIONS]\n       mixtui [OPTIONS] COMMAND …"
    parser.add_place()
    parser.add_argument("--theme", metavar="NAME", help="the colours of the screen")
    parser.add_argument(
        "--sandbox", action="store_true", help="work with a local stand-in for Mixpanel"
    )
    parser.add_argument("--version", action="store_true", help="show the version")
    return parser


def _screen(arguments: Namespace) -> int:
    from pathlib import Path

    from mixtui.app import run as run_app

    collection = Path(arguments.collection) if arguments.collection else None
    return run_app(
        collection, arguments.env, arguments.theme, sandbox=arguments.sandbox
    )
