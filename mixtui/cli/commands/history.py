"""``mixtui history``: list, show and purge exchanges."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError, whole_number

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.history.history import Entry, HistoryQuery, Purged


def list_arguments() -> Parser:
    parser = Parser(
        "history list",
        "List what was exchanged, the newest first: number, time, status, outcome,\n"
        "method, name or URL, duration and size. The number is what «mixtui history\n"
        "show» takes. WORDS stand in the name or the URL; status:4xx, after:2026-01-31,\n"
        "before:…, on:…, method:POST, request:NAME and env:NAME work as in the screen.",
        (
            "mixtui history list --limit 20",
            "mixtui history list sign-ups --status 4xx --since today-7d",
            "mixtui history list --request weekly --json | jq '.[].id'",
        ),
    )
    parser.add_argument("words", nargs="*", metavar="WORDS", help="in name or URL")
    parser.add_argument("--status", metavar="S", help="such as 404 or 4xx, or none")
    parser.add_argument(
        "--since", metavar="DAY", help="from that day on: 2026-01-31, today, today-7d"
    )
    parser.add_argument("--until", metavar="DAY", help="up to the end of that day")
    parser.add_argument(
        "--request", metavar="NAME", help="a part of the saved request's name or path"
    )
    parser.add_argument("--env", metavar="NAME", help="of that environment")
    parser.add_argument(
        "--limit",
        type=whole_number,
        default=50,
        metavar="N",
        help="at most so many (50)",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.model.errors import ExitStatus

    with history_from_arguments(console) as history:
        entries = []
        if history.exists:
            entries = history.search(_list_query(arguments), max(0, arguments.limit))
    if arguments.json:
        rows = [entry_values(entry) for entry in entries]
        console.print_json(rows)
        return ExitStatus.ACCEPTED
    console.print_columns([_cells(entry) for entry in entries])
    if not entries:
        console.report("Nothing like that is in the history.")
    return ExitStatus.ACCEPTED


def entry_values(entry: Entry) -> dict[str, Any]:
    """Return a history entry as JSON values."""
    return {
        "id": entry.id,
        "started": entry.started.isoformat(),
        "name": entry.name or None,
        "file": str(entry.file) if entry.file else None,
        "method": entry.method,
        "url": entry.url,
        "environment": entry.environment,
        "status": entry.status or None,
        "outcome": entry.outcome,
        "exit_status": entry.exit_status,
        "seconds": round(entry.seconds, 6),
        "bytes": entry.body_bytes,
        "body_kept": entry.has_body,
    }


def _list_query(arguments: Namespace) -> HistoryQuery:
    from dataclasses import replace

    from mixtui.history.query import day_after, parse_day, parse_query, parse_status

    # A word with spaces in it was quoted for the shell, and is one word.
    query = parse_query(" ".join(map(_quote, arguments.words)))
    if arguments.status:
        query = replace(query, status=parse_status(arguments.status))
    if arguments.since:
        query = replace(query, since=parse_day(arguments.since))
    if arguments.until:
        query = replace(query, until=day_after(parse_day(arguments.until)))
    return replace(
        query,
        request=arguments.request or query.request,
        environment=arguments.env or query.environment,
    )


def _quote(word: str) -> str:
    return f'"{word}"' if " " in word and '"' not in word else word


def _cells(entry: Entry) -> tuple[str, ...]:
    from mixtui.text import duration, size

    return (
        str(entry.id),
        f"{entry.started.astimezone():%Y-%m-%d %H:%M:%S}",
        str(entry.status or "—"),
        entry.outcome,
        entry.method,
        entry.name or entry.url,
        duration(entry.seconds),
        size(entry.body_bytes) if entry.status else "",
    )


def show_arguments() -> Parser:
    parser = Parser(
        "history show",
        "Print one exchange: what was sent, secrets masked, what came back, how it\n"
        "ended. With --body the body of the answer alone, as it came.",
        (
            "mixtui history show 42",
            "mixtui history show 42 --body | jq .results",
            "mixtui history show 42 --json",
        ),
    )
    parser.add_argument(
        "id",
        type=whole_number,
        metavar="ID",
        help="its number in «mixtui history list»",
    )
    parser.add_argument("--body", action="store_true", help="print its body alone")
    parser.add_argument(
        "--json", action="store_true", help="print all but the body as a JSON object"
    )
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print it; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.cli.history_entry import print_body, print_record, record_values
    from mixtui.model.errors import ExitStatus

    if arguments.body and arguments.json:
        raise UsageError("--body and --json exclude each other: take one.")
    with history_from_arguments(console) as history:
        record = history.record(arguments.id)
        body = history.body_path(arguments.id)
        if arguments.body:
            return print_body(record, body, console)
        if arguments.json:
            console.print_json(record_values(arguments.id, record, body))
        else:
            print_record(arguments.id, record, body, console)
    return ExitStatus.ACCEPTED


def purge_arguments() -> Parser:
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
        "--older-than", type=whole_number, metavar="DAYS", help="what began longer ago"
    )
    parser.add_argument("--env", metavar="NAME", help="what was of that environment")
    parser.add_argument("--all", action="store_true", help="everything")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def run_purge(arguments: Namespace, console: Console) -> int:
    """Remove; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.model.errors import ExitStatus

    query = _purge_query(arguments)
    with history_from_arguments(console) as history:
        if not history.exists:
            console.report("There is no history.")
            return ExitStatus.ACCEPTED
        affected = history.measure_purge(query)
        if not affected.count:
            console.report("Nothing like that is in the history.")
            return ExitStatus.ACCEPTED
        if not arguments.yes:
            if not console.can_prompt:
                raise UsageError("A purge wants to be asked first: add --yes.")
            if not console.confirm(f"Remove {_purge_label(affected)} for good?"):
                console.report("Nothing was removed.")
                return ExitStatus.INTERRUPTED
        console.report(f"{_purge_label(history.purge(query))} removed.")
    return ExitStatus.ACCEPTED


def _purge_query(arguments: Namespace) -> HistoryQuery:
    from datetime import UTC, datetime, timedelta

    from mixtui.history.history import HistoryQuery

    days, environment = arguments.older_than, arguments.env or ""
    if arguments.all and (days is not None or environment):
        raise UsageError("--all is everything: leave the other options out.")
    if not arguments.all and days is None and not environment:
        raise UsageError("Say what to remove: --older-than DAYS, --env NAME or --all.")
    if days is not None and not 0 <= days <= 36_500:
        raise UsageError("--older-than wants a number of days, 0 or more.")
    until = None if days is None else datetime.now(UTC) - timedelta(days=days)
    return HistoryQuery(environment=environment, until=until)


def _purge_label(purged: Purged) -> str:
    from mixtui.text import pluralise, size

    return f"{pluralise(purged.count, 'exchange')} ({size(purged.bytes)})"
