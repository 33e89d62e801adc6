"""``mixtui history``: list, show and purge history entries."""

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
        "List history entries, newest first: id, time, status, outcome, method, name "
        "or\n"
        "URL, duration, size. WORDS match the name or the URL. The app's filters "
        "work,\n"
        "too: status:4xx, after:2026-01-31, before:…, on:…, method:POST, "
        "request:NAME,\n"
        "env:NAME.",
        (
            "mixtui history list --limit 20",
            "mixtui history list sign-ups --status 4xx --since today-7d",
            "mixtui history list --request weekly --json | jq '.[].id'",
        ),
    )
    parser.add_argument(
        "words", nargs="*", metavar="WORDS", help="text in the name or the URL"
    )
    parser.add_argument("--status", metavar="S", help="404, 4xx or none (no response)")
    parser.add_argument(
        "--since",
        metavar="DAY",
        help="sent on or after DAY: 2026-01-31, today, today-7d",
    )
    parser.add_argument("--until", metavar="DAY", help="sent on or before DAY")
    parser.add_argument(
        "--request", metavar="NAME", help="part of the saved request's name or path"
    )
    parser.add_argument("--env", metavar="ENV", help="sent with this environment")
    parser.add_argument(
        "--limit",
        type=whole_number,
        default=50,
        metavar="N",
        help="maximum number of entries (default: 50)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.model.errors import ExitStatus

    query = _list_query(arguments)
    with history_from_arguments(console) as history:
        entries = []
        if history.exists:
            entries = history.search(query, max(0, arguments.limit))
    if arguments.json:
        rows = [entry_values(entry) for entry in entries]
        console.print_json(rows)
        return ExitStatus.ACCEPTED
    console.print_columns([_cells(entry) for entry in entries])
    if not entries:
        console.report("No matching history entries.")
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
    from msgspec.structs import replace

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
        "Print a history entry: the request with secrets masked, the response and the\n"
        "outcome. With --body, print only the response body, unchanged.",
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
        help="id from “mixtui history list”",
    )
    parser.add_argument(
        "--body", action="store_true", help="print only the response body"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print everything but the response body as JSON",
    )
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print it; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.cli.history_entry import print_body, print_record, record_values
    from mixtui.model.errors import ExitStatus

    if arguments.body and arguments.json:
        raise UsageError("--body and --json cannot be combined.")
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
        "Delete history entries and their bodies permanently: old ones, those of an\n"
        "environment, or all. [history] in config.toml limits how long entries are "
        "kept.",
        (
            "mixtui history purge --older-than 30",
            "mixtui history purge --env staging --yes",
            "mixtui history purge --all",
        ),
    )
    parser.add_argument(
        "--older-than",
        type=whole_number,
        metavar="DAYS",
        help="entries older than this",
    )
    parser.add_argument("--env", metavar="ENV", help="entries of this environment")
    parser.add_argument("--all", action="store_true", help="all entries")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask for confirmation"
    )
    return parser


def run_purge(arguments: Namespace, console: Console) -> int:
    """Remove; return the exit status."""
    from mixtui.cli.arguments import history_from_arguments
    from mixtui.model.errors import ExitStatus

    query = _purge_query(arguments)
    with history_from_arguments(console) as history:
        if not history.exists:
            console.report("The history is empty.")
            return ExitStatus.ACCEPTED
        affected = history.measure_purge(query)
        if not affected.count:
            console.report("No matching history entries.")
            return ExitStatus.ACCEPTED
        if not arguments.yes:
            if not console.can_prompt:
                raise UsageError(
                    "A purge needs confirmation: add --yes to confirm it in a script."
                )
            if not console.confirm(f"Permanently delete {_purge_label(affected)}?"):
                console.report("Nothing was deleted.")
                return ExitStatus.INTERRUPTED
        console.report(f"Deleted {_purge_label(history.purge(query))}.")
    return ExitStatus.ACCEPTED


def _purge_query(arguments: Namespace) -> HistoryQuery:
    from datetime import UTC, datetime, timedelta

    from mixtui.history.history import HistoryQuery

    days, environment = arguments.older_than, arguments.env or ""
    if arguments.all and (days is not None or environment):
        raise UsageError("--all cannot be combined with --older-than or --env.")
    if not arguments.all and days is None and not environment:
        raise UsageError(
            "Choose what to delete: --older-than DAYS, --env NAME or --all."
        )
    if days is not None and not 0 <= days <= 36_500:
        raise UsageError("--older-than must be a number of days from 0 to 36500.")
    until = None if days is None else datetime.now(UTC) - timedelta(days=days)
    return HistoryQuery(environment=environment, until=until)


def _purge_label(purged: Purged) -> str:
    from mixtui.text import pluralise, size

    return (
        f"{pluralise(purged.count, 'history entry', 'history entries')} "
        f"({size(purged.bytes)})"
    )
