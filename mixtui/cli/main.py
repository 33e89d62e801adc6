"""The entry point: choose the command, and turn every error into a message and an exit status.

No other module of the command line does the latter.
"""

from __future__ import annotations

from mixtui import log
from mixtui.cli.commands import load_command
from mixtui.cli.commands.root import app_arguments, split_command, split_options
from mixtui.cli.console import Console, OutputError
from mixtui.cli.parsing import HelpRequested, UsageError
from mixtui.key_names import set_reader

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from mixtui.actions import Action

    Command = Callable[[Console], int]

_PIPE_CLOSED = 141
"""What a shell reports of a program that wrote to a closed pipe (128 + SIGPIPE)."""
# The values of model.errors.ExitStatus, which --help need not import; a test compares them.
_USAGE = 2
_INTERRUPTED = 130


def run(argv: Sequence[str], console: Console | None = None) -> int:
    """Run one command line.

    Args:
        argv: The arguments, without the program's name.
        console: Streams and variables; None = the process's own.

    Returns:
        The exit status (see `model.errors.ExitStatus`).
    """
    console = console or Console.from_process()
    set_reader(_load_actions, is_in_app=False)
    try:
        return _run(argv, console)
    except BrokenPipeError:
        console.abandon_stdout()
        return _PIPE_CLOSED
    except OutputError as error:
        console.abandon_stdout()
        console.report(f"mixtui: {error}")
        return _USAGE
    except ModuleNotFoundError as error:
        if not _is_of_a_library(error):
            raise
        console.report(
            f"mixtui: The package {error.name} is missing: reinstall mixtui."
        )
        return _USAGE
    except KeyboardInterrupt as interrupt:
        console.report(f"mixtui: {str(interrupt) or 'Interrupted.'}")
        try:
            console.flush()
        except (BrokenPipeError, OutputError):
            console.abandon_stdout()
        return _INTERRUPTED


def _load_actions() -> Sequence[Action]:
    from mixtui.cli.commands.keys import load_actions

    return load_actions()


def _run(argv: Sequence[str], console: Console) -> int:
    try:
        command = _parse_command(argv)
    except HelpRequested as requested:
        console.print(str(requested))
        console.flush()
        return 0
    except UsageError as error:
        console.report(f"mixtui: {error}")
        return _USAGE
    if not console.variables.get(log.VARIABLE):
        return _run_command(command, console)
    close_log = _open_log(console)
    try:
        status = _run_command(command, console)
        log.info("ended with exit status %d", status)
        return status
    finally:
        close_log()


def _open_log(console: Console) -> Callable[[], None]:
    """Turn the log on, and return what closes it; without it, everything works as well."""
    from mixtui.model.errors import MixtuiError
    from mixtui.storage.log_file import open_log
    from mixtui.storage.paths import state_dir

    try:
        opened = open_log(console.variables[log.VARIABLE], state_dir())
    except MixtuiError as error:
        console.report(f"mixtui: {error}")
        return lambda: None
    return opened.close if opened is not None else lambda: None


def _run_command(command: Command, console: Console) -> int:
    try:
        status = command(console)
        console.flush()
        return status
    except UsageError as error:
        log.error("UsageError, exit status %d", _USAGE)
        console.report(f"mixtui: {error}")
        return _USAGE
    except (BrokenPipeError, OutputError):
        raise
    except Exception as error:
        from mixtui.model.errors import MixtuiError

        if isinstance(error, MixtuiError):
            # By its type: its sentence may repeat what was typed.
            log.error("%s, exit status %d", type(error).__name__, error.exit_status)
            console.report(f"mixtui: {error}")
            return error.exit_status
        if _is_of_a_library(error):
            raise
        # Any: a traceback would show what the person typed, and exit with the status of a
        # refused request.
        from mixtui.storage.crash_report import EX_SOFTWARE, report_crash
        from mixtui.storage.paths import state_dir

        console.report(f"mixtui: {report_crash(error, state_dir())}")
        return EX_SOFTWARE


def _is_of_a_library(error: Exception) -> bool:
    """Return whether a package of somebody else is missing: no report helps with that."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return bool(name) and not str(name).startswith("mixtui")


def _parse_command(argv: Sequence[str]) -> Command:
    """Parse the command line into a command that is ready to run.

    Raises:
        UsageError: There is no such command or option.
        HelpRequested: ``--help`` or ``--version`` is among the arguments.
    """
    leading, rest = split_options(argv)
    parser = app_arguments()
    options = parser.parse(leading, _namespace())
    if options.version:
        from mixtui import __version__

        raise HelpRequested(f"mixtui {__version__}")
    if not rest:
        return lambda console: _run_app(options, console)
    if options.theme or options.sandbox:
        option = "--theme" if options.theme else "--sandbox"
        parser.error(f"{option} applies to the app, not to “mixtui {rest[0]}”")
    options.argv = tuple(argv)
    name, own = split_command(rest)
    parser, run_command = load_command(name)
    arguments = parser.parse(own, options)

    def run_named(console: Console) -> int:
        log.info("command %s", name)
        return run_command(arguments, console)

    return run_named


def _namespace() -> Namespace:
    from argparse import Namespace

    return Namespace()


def _run_app(arguments: Namespace, console: Console) -> int:
    from pathlib import Path

    if not console.can_prompt:
        raise UsageError(
            "The app needs a terminal for input and output. Start it in one, or use a "
            "command: “mixtui --help” lists them."
        )
    from mixtui.cli.terminal import problem_of_terminal

    encoding = getattr(console.stderr, "encoding", None)
    if problem := problem_of_terminal(console.variables, encoding):
        raise UsageError(problem)
    log.info("the app")
    from mixtui.app import run as run_app

    collection = Path(arguments.collection) if arguments.collection else None
    return run_app(
        collection, arguments.env, arguments.theme, sandbox=arguments.sandbox
    )
