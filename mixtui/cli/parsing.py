"""Parse arguments: argparse with readable errors, suggestions and examples in every help."""

from __future__ import annotations

import argparse
import re

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn

_SYNONYMS = {
    "--collection": ("--dir", "--folder"),
    "--data": ("--body", "--data-raw", "--data-binary"),
    "--env": ("--environment", "--profile"),
    "--family": ("--group",),
    "--filter": ("--jq",),
    "--include": ("-i", "-v", "--verbose"),
    "--into": ("--folder", "--to"),
    "--output": ("-O", "--save"),
    "--prune": ("--delete", "--remove"),
    "--query": ("--param", "--params", "--data-urlencode"),
    "--quiet": ("-s", "--silent"),
    "--remove": ("--delete", "--revoke"),
    "--save": ("-o", "--output", "--name"),
    "--service-account": ("-u", "--user", "--username"),
    "--since": ("--after", "--from"),
    "--timeout": ("-m", "--max-time"),
    "--until": ("--before", "--to"),
    "--var": ("--set", "--variable"),
    "--yes": ("-f", "-y", "--force"),
}
"""What other programs call an option: named in the error, if the command has the option."""


class UsageError(Exception):
    """Invalid arguments; the message is a sentence."""


class HelpRequested(Exception):
    """``--help`` or ``--version``; the message is printed on stdout."""


class Parser(argparse.ArgumentParser):
    """Parses the arguments of one command."""

    def __init__(self, command: str, summary: str, examples: Iterable[str]) -> None:
        """Create the parser of a command.

        Args:
            command: Its name, such as "env list"; empty = mixtui itself.
            summary: What it does, in a sentence or more.
            examples: Lines for the end of the help.
        """
        super().__init__(
            prog=f"mixtui {command}".strip(),
            description=summary,
            epilog="examples:\n" + "\n".join(f"  {line}" for line in examples),
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self._option_names: list[str] = []
        self.completes: dict[str, str] = {}
        """What an argument is to shell completion, where its metavar does not say it."""
        self.add_argument("-h", "--help", action=_Help, help="show this help and exit")

    def add_argument(
        self, *names: str, completes: str | None = None, **settings: Any
    ) -> argparse.Action:
        """Add an argument as argparse does, and remember its name for suggestions.

        Args:
            names: As for argparse.
            completes: What shell completion lists for it (`completion.values.KINDS`);
                None = its metavar says it.
            settings: As for argparse.
        """
        if hasattr(self, "_option_names"):
            self._option_names += [name for name in names if name.startswith("--")]
        action = super().add_argument(*names, **settings)
        if completes is not None:
            self.completes[action.dest] = completes
        return action

    def add_session_arguments(self) -> None:
        """Add ``--collection`` and ``--env``."""
        self.add_argument(
            "--collection", metavar="DIR", help="folder of saved requests"
        )
        self.add_argument("--env", metavar="ENV", help="environment to use")

    def parse(
        self, tokens: Sequence[str], defaults: argparse.Namespace
    ) -> argparse.Namespace:
        """Parse the arguments of the command.

        Args:
            tokens: What follows the command.
            defaults: The options in front of the command.

        Raises:
            UsageError: They are invalid.
            HelpRequested: ``--help`` is among them.
        """
        namespace, unknown = self.parse_known_intermixed_args(tokens, defaults)
        if unknown:
            self.error(self._unexpected_message(unknown[0]))
        return namespace

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        message = message.removeprefix("argument ")
        for pattern, wording in _WORDINGS:
            message = re.sub(pattern, wording, message)
        end = "" if message.endswith("?") else "."
        raise UsageError(
            f"{message[:1].upper()}{message[1:]}{end} See “{self.prog} --help”."
        )

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Name the choices, and the one that was probably meant."""
        if action.choices is None or value in action.choices:
            return
        from mixtui.spelling import did_you_mean

        name = "/".join(action.option_strings) or str(action.metavar)
        choices = ", ".join(action.choices)
        hint = did_you_mean(value, action.choices)
        self.error(
            f"{name} must be one of {choices}, not “{value}”. {hint}".rstrip(" .")
        )

    def _unexpected_message(self, token: str) -> str:
        if not token.startswith("-"):
            return f"unexpected argument “{token}” (quote values that contain spaces)"
        from mixtui.spelling import did_you_mean

        name = token.partition("=")[0]
        synonyms = [o for o in self._option_names if name in _SYNONYMS.get(o, ())]
        hint = did_you_mean(synonyms[0] if synonyms else name, self._option_names)
        return f"unknown option {name}. {hint}".rstrip(" .")


def number(text: str) -> float:
    """Read a number, for ``type`` of an argument."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not “{text}”") from None


def unknown_command(name: str, names: Iterable[str], program: str) -> UsageError:
    """Return the error for a command that does not exist.

    Args:
        name: What was typed.
        names: The commands that exist.
        program: What stands before it, whose help lists them.
    """
    from mixtui.spelling import closest_name

    group = f"{program} ".removeprefix("mixtui ")
    meant = closest_name(name, names)
    hint = f"Did you mean {group}{meant}? " if meant else ""
    return UsageError(f"Unknown command “{group}{name}”. {hint}See “{program} --help”.")


class _PlainTheme:
    """Has no color for anything."""

    def __getattr__(self, name: str) -> str:
        return ""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays out help in 80 columns: asking the terminal for its width costs start-up."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=80)

    # Since 3.14, argparse colors help on a terminal, and loads dataclasses and inspect for
    # that in each command, colored or not.
    _theme = _PlainTheme()
    _decolor = staticmethod(str)

    def _set_color(self, *_: object, **__: object) -> None:
        pass

    def _split_lines(self, text: str, width: int) -> list[str]:
        # As textwrap does, whose import costs more than the rest of a help.
        words = text.split()
        lines = words[:1]
        for word in words[1:]:
            if len(lines[-1]) + 1 + len(word) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines


class _Help(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **settings: Any):
        super().__init__(
            option_strings, dest, nargs=0, default=argparse.SUPPRESS, **settings
        )

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise HelpRequested(parser.format_help().rstrip())


_WORDINGS = (
    (r"^the following arguments are required: ", "missing argument: "),
    (r": must be ", " must be "),
    (r": expected (?:one|at least one) argument$", " needs a value"),
    (r": not allowed with argument ", " cannot be combined with "),
)
"""What argparse says, and how all our errors say it."""
_MAX_DIGITS = 18
"""Of a number that SQLite holds (64 bits)."""


def whole_number(text: str) -> int:
    """Read a number from 0, for ``type`` of an argument."""
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"must be a whole number, not “{text[:_MAX_DIGITS]}”"
    )


def add_file_arguments(parser: Parser) -> None:
    """Add the arguments of commands that import a file."""
    parser.add_argument("source", metavar="SOURCE", help="file, or - for stdin")
    parser.add_argument(
        "--into",
        metavar="FOLDER",
        help="target folder (default: the title in the file)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print what would be imported, without saving it",
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print a JSON report")
