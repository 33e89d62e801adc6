"""``mixtui completions``: completion in bash, zsh and fish."""

from __future__ import annotations

from mixtui.cli.commands.names import COMMANDS
from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from mixtui.cli.completion.position import Position
    from mixtui.cli.console import Console

    LoadCommand = Callable[[str], tuple[Parser, object]]

SHELLS = ("bash", "zsh", "fish")
# The shells of completion.shells, which --help need not import; a test compares them.


def completions_arguments() -> Parser:
    """Return the parser of ``mixtui completions``."""
    parser = Parser(
        "completions",
        "Print the script that completes commands, options, saved requests,\n"
        "environments, operations, themes, tags and files in a shell (bash 4, zsh 5,\n"
        "fish 3 or newer).",
        (
            'eval "$(mixtui completions bash)"      # in ~/.bashrc',
            'eval "$(mixtui completions zsh)"       # in ~/.zshrc, after compinit',
            "mixtui completions fish | source       # in ~/.config/fish/config.fish",
        ),
    )
    parser.add_argument(
        "shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}"
    )
    parser.add_argument(
        "--complete",
        action="store_true",
        help="complete the command line on stdin, as the script does",
    )
    return parser


def run_completions(
    arguments: Namespace, console: Console, load_command: LoadCommand
) -> int:
    """Print the script, or what completes a line; return the exit status.

    Args:
        arguments: The shell, and whether a line is completed.
        console: Where the line is read, and what completes it is printed.
        load_command: Returns the parser of a command, and what runs it.
    """
    from pathlib import Path

    from mixtui.cli import completion

    if arguments.complete:
        console.write(
            _complete(arguments.shell, console, load_command).encode(errors="replace")
        )
    else:
        folder = Path(completion.__file__).parent / "scripts"
        text = (folder / f"mixtui.{arguments.shell}").read_text("utf-8")
        console.print(text.rstrip("\n"))
    return 0


def _complete(shell: str, console: Console, load_command: LoadCommand) -> str:
    from mixtui.cli.completion import shells
    from mixtui.cli.completion.values import (
        Candidate,
        begin_with,
        list_files,
        list_values,
    )
    from mixtui.model.errors import MixtuiError

    words, word = shells.read_words(shell, console.stdin.read())
    position = _find_position(words, load_command)
    if position.kind == "topic":
        position.choices = _topics(position.words)
    if position.kind == "data":
        if not position.typed.startswith("@"):
            file = Candidate("@", "a file", continues=True)
            return shells.write_values(
                shell, position.prefix, begin_with(position.typed, [file]), word
            )
        position.prefix += "@"
        position.typed = position.typed[1:]
        if shell == "bash":  # It would look for a file whose name begins with @.
            found = list_files(position, console)
            return shells.write_values(shell, position.prefix, found, word)
        return shells.write_files("files", position.prefix)
    if position.kind in ("file", "folder"):
        return shells.write_files(f"{position.kind}s", position.prefix)
    try:
        candidates = list_values(position, console)
    except MixtuiError:
        candidates = []  # A broken file is reported by the command itself.
    if not candidates and not position.prefix:
        options = (Candidate(*each) for each in position.options)
        candidates = begin_with(position.typed, options)
    return shells.write_values(shell, position.prefix, candidates, word)


def _find_position(words: Sequence[str], load_command: LoadCommand) -> Position:
    """Return what the last word can be.

    Args:
        words: The command line without the program, up to the cursor.
        load_command: Returns the parser of a command, and what runs it.
    """
    from mixtui.cli.commands.root import app_arguments, split_options
    from mixtui.cli.completion.position import Position, position_in_command

    before, typed = words[:-1], words[-1]
    leading, rest = split_options(before)
    if not rest:
        position = position_in_command(app_arguments(), leading, typed)
        if position.kind or position.prefix or typed.startswith("-"):
            return position
        return Position("", typed, choices=_first_words(), options=position.options)
    name, arguments = rest[0], rest[1:]
    if name not in COMMANDS:
        members = _members(name)
        if not arguments:
            return Position("", typed, choices=members)
        name, arguments = f"{name} {arguments[0]}", arguments[1:]
        if name not in COMMANDS:
            return Position("", typed)
    return position_in_command(load_command(name)[0], arguments, typed, leading)


def _topics(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return what can follow ``mixtui help`` and some words: topics and commands."""
    if words:
        return _members(words[-1])
    from mixtui.topics import TOPICS

    return [*((topic.id, topic.summary) for topic in TOPICS), *_first_words()]


def _first_words() -> list[tuple[str, str]]:
    result: dict[str, str] = {}
    for name, summary in COMMANDS.items():
        first, _, second = name.partition(" ")
        if second:
            summary = ", ".join(word for word, _ in _members(first))
        result[first] = summary
    return list(result.items())


def _members(group: str) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(f"{group} "), summary)
        for name, summary in COMMANDS.items()
        if name.startswith(f"{group} ")
    ]
