"""``mixtui lookup``: list tables, check a CSV file, and replace a table by it."""

from __future__ import annotations

import os
import uuid
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.jobs.run import confirm_requests, run_with_connection
from mixtui.dispatch.dispatch import Completed
from mixtui.jobs.lookup_table import (
    CheckedTable,
    check_table,
    compress_table,
    row_lines,
)
from mixtui.jobs.model import JobError
from mixtui.jobs.sending import Connection, Resender, Sending, describe_refusal
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import FileContent, PreparedRequest
from mixtui.outcome.failed_records import parse_failed_records
from mixtui.request.confirmation import target_project_id
from mixtui.request.prepare import prepare
from mixtui.request.urls import encode_component
from mixtui.session import Session
from mixtui.spelling import did_you_mean
from mixtui.temporary import TemporaryFolder
from mixtui.text import duration, pluralise, size


class LookupTable(Struct, frozen=True):
    """A table, as the API lists it."""

    id: str
    name: str


class _Listing(Struct, frozen=True):
    results: list[LookupTable]


class _Table(Struct, frozen=True):
    """A file that was checked."""

    name: str
    packed: Path
    size: int
    """Uncompressed."""
    checked: CheckedTable


def list_tables(arguments: Namespace, console: Console) -> int:
    """Print the tables of a project; return the exit status.

    Raises:
        MixtuiError: They cannot be listed.
    """
    session = _open_session(arguments, console)
    tables = _read_tables(session, console)
    if arguments.json:
        console.print_json([msgspec.to_builtins(table) for table in tables])
    elif tables:
        console.print_columns([("ID", "NAME"), *((t.id, t.name) for t in tables)])
    else:
        console.report("The project has no lookup tables: create one in Mixpanel.")
    return ExitStatus.ACCEPTED


def push_table(arguments: Namespace, console: Console) -> int:
    """Replace a table by a file; return the exit status.

    Raises:
        MixtuiError: It was not replaced, or that is not known.
    """
    session = _open_session(arguments, console)
    path = console.folder / os.path.expanduser(arguments.file)
    folder = TemporaryFolder()
    try:
        packed = folder.path / "table.csv.gz"
        try:
            length = compress_table(path, packed)
        except OSError as error:
            raise JobError(
                f"{path.name} cannot be compressed in {folder.path.parent}: "
                f"{error.strerror}."
            ) from None
        table = _Table(path.name, packed, length, check_table(packed))
        return _push(arguments, console, session, table)
    finally:
        folder.remove()


def _push(
    arguments: Namespace, console: Console, session: Session, table: _Table
) -> int:
    checked = table.checked
    for problem in checked.problems:
        console.report(f"{table.name}, {problem}")
    if hidden := checked.problem_count - len(checked.problems):
        console.report(f"… and {hidden:,} more.")
    what = (
        f"{table.name} ({pluralise(checked.rows, 'row')}, "
        f"{pluralise(len(checked.columns), 'column')}, {size(table.size)})"
    )
    if checked.problem_count:
        count = pluralise(checked.problem_count, "problem")
        console.report(f"{what} has {count}. Nothing was sent.")
        return ExitStatus.USAGE
    if arguments.check:
        console.report(f"{what} is valid. Nothing was sent.")
        return ExitStatus.ACCEPTED
    stem = table.name.removesuffix(".csv")
    target = _find_table(arguments.table or stem, session, console)
    request = _replacement(target.id, session.environment)
    project = (
        f"project {target_project_id(request)} in {request.region} "
        f"({request.environment})"
    )
    label = f"Replace the lookup table {target.name} of {project} by {what}"
    if arguments.dry_run:
        console.report(f"Would do: {label}. Nothing was sent.")
        return ExitStatus.ACCEPTED
    if not confirm_requests(arguments, console, session.environment, label, [request]):
        return ExitStatus.INTERRUPTED
    content = FileContent(table.packed, table.packed.stat().st_size)
    completed = _send(session, console, replace(request, content=content))
    return _report(arguments, console, table, target, completed, project)


def _report(
    arguments: Namespace,
    console: Console,
    table: _Table,
    target: LookupTable,
    completed: Completed,
    project: str,
) -> int:
    """Print what came of it; return the exit status.

    Raises:
        JobError: The server refused it.
    """
    exchange, outcome = completed.exchange, completed.outcome
    failed = parse_failed_records(exchange.response.body, exchange.redactor)
    is_stored = outcome.exit_status == ExitStatus.ACCEPTED
    lines = row_lines(table.packed, {each.index for each in failed})
    problems = [(lines.get(each.index), each.reasons) for each in failed]
    if arguments.json:
        console.print_json(
            {
                "table": target.id,
                "name": target.name,
                "rows": table.checked.rows,
                "stored": table.checked.rows if is_stored else 0,
                "failed": [{"line": line, "reason": why} for line, why in problems],
            }
        )
    for line, reason in problems:
        where = f"line {line}" if line is not None else "a row"
        console.report(f"{table.name}, {where}: {reason}")
    if is_stored:
        rows = pluralise(table.checked.rows, "row")
        console.report(f"{target.name} of {project} was replaced: {rows} stored.")
        return ExitStatus.ACCEPTED
    raise JobError(
        f"{target.name} was not replaced: {describe_refusal(exchange, outcome)}",
        outcome.exit_status,
    )


def _find_table(wanted: str, session: Session, console: Console) -> LookupTable:
    """Return the table of a name or id.

    Raises:
        JobError: There is none, or several have that name.
    """
    if _is_uuid(wanted):
        # Listing tables needs a service account; replacing one does not.
        return LookupTable(wanted, wanted)
    tables = _read_tables(session, console)
    named = [table for table in tables if table.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(table.id for table in named)
        raise JobError(f"Several tables are named {wanted}: name one by its id: {ids}.")
    names = [table.name for table in tables]
    known = f"The project has {', '.join(names)}." if names else "The project has none."
    hint = did_you_mean(wanted, names, known)
    raise JobError(f"No lookup table {wanted} found: add --table. {hint}")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _read_tables(session: Session, console: Console) -> Sequence[LookupTable]:
    """Return the tables of a project.

    Raises:
        MixtuiError: They cannot be listed.
    """
    draft = Draft(method=Method.GET, api=Api.INGESTION, url="/lookup-tables")
    completed = _send(session, console, prepare(draft, session.environment))
    exchange, outcome = completed.exchange, completed.outcome
    if outcome.exit_status != ExitStatus.ACCEPTED:
        raise JobError(describe_refusal(exchange, outcome), outcome.exit_status)
    try:
        return msgspec.json.decode(exchange.response.body, type=_Listing).results
    except ValueError as error:
        raise JobError(
            f"GET /lookup-tables returned something unexpected ({error}).",
            ExitStatus.REFUSED,
        ) from None


def _replacement(identifier: str, environment: Environment) -> PreparedRequest:
    """Return the request that replaces a table, without its rows.

    Raises:
        MixtuiError: It must not be sent.
    """
    draft = Draft(
        method=Method.PUT,
        api=Api.INGESTION,
        url=f"/lookup-tables/{encode_component(identifier)}",
        headers=(Pair("Content-Encoding", "gzip"),),
        body=Body(BodyType.CSV, "id\n"),
    )
    return prepare(draft, environment)


def _send(session: Session, console: Console, request: PreparedRequest) -> Completed:
    async def work(connection: Connection, sending: Sending) -> Completed:
        seconds = await connection.free_in(request)
        if seconds > 0:
            raise JobError(
                f"No table replacement is left: the next is free in "
                f"{duration(seconds)}.",
                ExitStatus.QUOTA,
            )
        return await Resender(sending).send(request)

    return run_with_connection(session, console, work)


def _open_session(arguments: Namespace, console: Console) -> Session:
    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.report(warning)
    return session
