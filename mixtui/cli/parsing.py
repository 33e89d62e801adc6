"""Parse arguments: argparse with sentences as errors, suggestions, and examples in every help."""

from __future__ import annotations

import argparse

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, NoReturn


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
            # A width of its own: asking the terminal for one costs start-up.
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=26, width=80
            ),
            add_help=False,
            allow_abbrev=False,
        )
        self._option_names: list[str] = []
        self.add_argument("-h", "--help", action=_Help, help="show this and end")

    def add_argument(self, *names: str, **settings: Any) -> argparse.Action:
        """Add an argument as argparse does, and remember its name for suggestions."""
        if hasattr(self, "_option_names"):
            self._option_names += [name for name in names if name.startswith("--")]
        return super().add_argument(*names, **settings)

    def add_session_arguments(self) -> None:
        """Add ``--collection`` and ``--env``."""
        self.add_argument(
            "--collection", metavar="DIR", help="the folder of saved requests"
        )
        self.add_argument("--env", metavar="NAME", help="the environment to use")

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
        raise UsageError(
            f"{message[:1].upper()}{message[1:]}: see «{self.prog} --help»."
        )

    def _unexpected_message(self, token: str) -> str:
        if not token.startswith("-"):
            return f"«{token}» is one word too many (quote words with spaces)"
        return f"there is no option {token}{did_you_mean(token, self._option_names)}"


class _Help(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **settings: Any):
        super().__init__(
            option_strings, dest, nargs=0, default=argparse.SUPPRESS, **settings
        )

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise HelpRequested(parser.format_help().rstrip())


_MAX_DIGITS = 18
"""Of a number that SQLite holds (64 bits)."""


def whole_number(text: str) -> int:
    """Read a number from 0, for ``type`` of an argument."""
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    raise argparse.ArgumentTypeError(f"«{text[:_MAX_DIGITS]}» is not a whole number")


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return `` (did you mean …?)`` for the closest match; empty = none is close."""
    import difflib

    matches = difflib.get_close_matches(word, list(candidates), n=1, cutoff=0.5)
    return f" (did you mean {matches[0]}?)" if matches else ""


def add_file_arguments(parser: Parser) -> None:
    """Add the arguments of commands that import a file."""
    parser.add_argument("source", metavar="SOURCE", help="a file; - is standard input")
    parser.add_argument(
        "--into", metavar="FOLDER", help="the folder; otherwise the file's own title"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be made; write nothing"
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print a JSON report")
