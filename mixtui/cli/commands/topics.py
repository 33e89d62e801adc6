"""``mixtui help``: the short pages of the help, in the shell."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from mixtui.cli.console import Console


def help_arguments() -> Parser:
    parser = Parser(
        "help",
        "Explain a topic in a short page, or list the topics. The app has the same\n"
        "pages in its help.\n"
        "For a command, “mixtui help send” is “mixtui send --help”.",
        (
            "mixtui help",
            "mixtui help credentials",
            "mixtui help history list",
        ),
    )
    parser.add_argument(
        "topic", metavar="TOPIC | COMMAND", nargs="*", help="what to explain"
    )
    return parser


def run_help(
    arguments: Namespace,
    console: Console,
    load_command: Callable[[str], tuple[Parser, object]],
) -> int:
    """Print a topic, the help of a command, or the list; return the exit status.

    Args:
        arguments: What to explain.
        console: Where it is printed.
        load_command: Returns the parser of a command, and what runs it.

    Raises:
        UsageError: There is neither a topic nor a command of that name.
    """
    from mixtui.cli.commands.names import COMMANDS, command_table
    from mixtui.cli.page_text import section_lines
    from mixtui.model.errors import ExitStatus
    from mixtui.spelling import did_you_mean
    from mixtui.topics import TOPICS

    name = " ".join(arguments.topic)
    topic = next((topic for topic in TOPICS if topic.id == name), None)
    if topic is not None:
        pages = ("\n".join(section_lines(each)) for each in topic.make_sections())
        console.print("\n\n".join(pages))
    elif name in COMMANDS:
        console.print(load_command(name)[0].format_help().rstrip())
    elif any(command.startswith(f"{name} ") for command in COMMANDS):
        console.print(command_table(f"{name} "))
    elif not name:
        width = max(len(each.id) for each in TOPICS)
        rows = (f"  {each.id:<{width}}  {each.summary}" for each in TOPICS)
        console.print("\n".join(("Topics:", *rows, "", "Commands:", command_table())))
    else:
        names = [*(topic.id for topic in TOPICS), *COMMANDS]
        hint = did_you_mean(name, names, "“mixtui help” lists the topics.")
        raise UsageError(f"No topic or command is named “{name}”. {hint}")
    return ExitStatus.ACCEPTED
