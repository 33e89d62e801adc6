"""``mixtui history purge``: forget what was exchanged."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console
    from mixtui.storage.history import HistoryQuery, Purged


def purge_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "history purge",
        "Remove exchanges and their bodies for good: old ones, those of an\n"
        "environment, or all. Without any, retention goes on as [history] in\n"
        "config.toml says.",
        (
            "mixtui history purge --older-than 30",
            "mixtui history purge --env staging --yes",
            "mixtui history purge --all",
        ),
    )
    parser.add_argument(
        "--older-than", type=int, metavar="DAYS", help="what began longer ago"
    )
    parser.add_argument("--env", metavar="NAME", help="what was of that environment")
    parser.add_argument("--all", action="store_true", help="everything")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def run_purge(arguments: Namespace, console: Console) -> int:
    """Remove; returns the exit status."""
    from mixtui.cli.history_places import history_from_arguments
    from mixtui.core.errors import ExitStatus

    query = _query(arguments)
    with history_from_arguments(console) as history:
        if not history.exists:
            console.say("There is no history.")
            return ExitStatus.ACCEPTED
        would = history.measure(query)
        if not would.count:
            console.say("Nothing like that is in the history.")
            return ExitStatus.ACCEPTED
        if not arguments.yes:
            if not console.can_ask:
                raise UsageError("A purge wants to be asked first: add --yes.")
            if not console.ask(f"Remove {_words(would)} for good?"):
                console.say("Nothing was removed.")
                return ExitStatus.INTERRUPTED
        console.say(f"{_words(history.purge(query))} removed.")
    return ExitStatus.ACCEPTED


def _query(arguments: Namespace) -> HistoryQuery:
    from datetime import UTC, datetime, timedelta

    from mixtui.storage.history import HistoryQuery

    days, environment = arguments.older_than, arguments.env or ""
    if arguments.all and (days is not None or environment):
        raise UsageError("--all is everything: leave the other options out.")
    if not arguments.all and days is None and not environment:
        raise UsageError("Say what to remove: --older-than DAYS, --env NAME or --all.")
    if days is not None and not 0 <= days <= 36_500:
        raise UsageError("--older-than wants a number of days, 0 or more.")
    until = None if days is None else datetime.now(UTC) - timedelta(days=days)
    return HistoryQuery(environment=environment, until=until)


def _words(purged: Purged) -> str:
    from mixtui.core.words import pluralise, size

    return f"{pluralise(purged.count, 'exchange')} ({size(purged.bytes)})"
