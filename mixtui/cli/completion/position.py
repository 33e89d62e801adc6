"""Find what is completed: the argument of a command that the cursor is in."""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterator, Sequence

    from mixtui.cli.parsing import Parser

KIND_OF_METAVAR = {
    "DIR": "folder",
    "ENV": "environment",
    "FILE": "file",
    "F": "family",
    "SOURCE": "file",
    "FOLDER": "location",
    "ID": "history",
    "NAME": "request",
    "NAME | METHOD URL": "send",
    "OPERATION": "operation",
    "TAG": "tag",
    "TOPIC | COMMAND": "topic",
    "TEXT|@FILE|@-": "data",
    **dict.fromkeys(
        ("NAME=VALUE", "NAME:VALUE", "SECONDS", "JQ", "PROJECT", "TEXT", "WORDS", "S"),
        "",
    ),
    **dict.fromkeys(("DAY", "DAYS", "N", "HOW[:PATH]"), ""),
    **dict.fromkeys(
        ("COLUMN", "COLUMN=NAME", "FORMAT", "ZONE", "MB", "HOW", "QUERY"), ""
    ),
}
"""What an argument is, by how the help names it; empty = nothing can be listed.

An argument with another name, or one that means several things, says it itself
(``completes`` of `Parser.add_argument`).
"""


class Position:
    """The argument at the cursor."""

    def __init__(
        self,
        kind: str,
        typed: str,
        prefix: str = "",
        choices: Sequence[tuple[str, str]] = (),
        options: Sequence[tuple[str, str]] = (),
        words: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        """What it is, such as ``request``; see `values.list_values`."""
        self.typed = typed
        """What is typed of it."""
        self.prefix = prefix
        """What stands in front of it in the same word: ``--env=``."""
        self.choices = choices
        """All it can be, each with what it means, if that is fixed."""
        self.options = options
        """The options that may stand there instead."""
        self.words = words
        """The arguments of the command before it."""

    def word_after(self, option: str) -> str:
        """Return the value of an option before the cursor; empty = there is none."""
        for index, word in enumerate(self.words):
            if word == option:
                return self.words[index + 1] if index + 1 < len(self.words) else ""
            if word.startswith(f"{option}="):
                return word.partition("=")[2]
        return ""


def position_in_command(
    parser: Parser, words: Sequence[str], typed: str, leading: Sequence[str] = ()
) -> Position:
    """Return the argument of a command that the cursor is in.

    Args:
        parser: Of the command.
        words: Its arguments before the cursor.
        typed: What is typed of the word at the cursor.
        leading: The options in front of the command.
    """
    by_option = {
        option: action for action in parser._actions for option in action.option_strings
    }
    positionals, given, pending, only_positionals = 0, set(), None, False
    for word in words:
        if pending is not None:
            pending = None
        elif only_positionals or not word.startswith("-") or word == "-":
            positionals += 1
        elif word == "--":
            only_positionals = True
        else:
            option, equals, _ = word.partition("=")
            action = by_option.get(option)
            given.add(action)
            takes_value = action is not None and action.nargs != 0
            pending = action if takes_value and not equals else None
    before = [*leading, *words]
    if pending is not None:
        return _of_action(parser, pending, typed, "", (), before)
    option, equals, value = typed.partition("=")
    if equals and not only_positionals and option in by_option:
        prefix = f"{option}="
        return _of_action(parser, by_option[option], value, prefix, (), before)
    options = () if only_positionals else tuple(_options(parser, given))
    if typed.startswith("-") and not only_positionals:
        return Position("", typed, options=options)
    action = _positional(parser, positionals)
    if action is None:
        return Position("", typed, options=options)
    return _of_action(parser, action, typed, "", options, before)


def kind_of(parser: Parser, action: Action) -> str | None:
    """Return what an argument completes; None = nobody has said."""
    if action.choices is not None:
        return ""
    if action.dest in parser.completes:
        return parser.completes[action.dest]
    metavar = action.metavar
    return KIND_OF_METAVAR.get(metavar) if isinstance(metavar, str) else None


def _of_action(
    parser: Parser,
    action: Action,
    typed: str,
    prefix: str,
    options: Sequence[tuple[str, str]],
    words: Sequence[str],
) -> Position:
    choices = [(str(choice), "") for choice in action.choices or ()]
    kind = kind_of(parser, action) or ""
    return Position(kind, typed, prefix, choices, options, words)


def _options(parser: Parser, given: set[Action | None]) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if action in given and not _is_repeatable(action):
            continue
        for option in action.option_strings[-1:]:
            yield option, action.help or ""


def _is_repeatable(action: Action) -> bool:
    return isinstance(action.default, list)


def _positional(parser: Parser, index: int) -> Action | None:
    actions = [action for action in parser._actions if not action.option_strings]
    if index < len(actions):
        return actions[index]
    last = actions[-1] if actions else None
    return last if last is not None and last.nargs in ("*", "+") else None
