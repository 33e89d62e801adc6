"""``mixtui schemas`` and ``mixtui annotations``: pull into files, and push what was changed."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.jobs.run import confirm_requests, run_with_connection
from mixtui.cli.send.run import draw_line
from mixtui.jobs.model import JobError
from mixtui.jobs.sending import Connection, Sending
from mixtui.jobs.sync.annotations import AnnotationFile, AnnotationServer
from mixtui.jobs.sync.base import BaseStore
from mixtui.jobs.sync.diff import diff_lines
from mixtui.jobs.sync.plan import (
    Base,
    Comparison,
    Difference,
    State,
    Verdict,
    next_base,
)
from mixtui.jobs.sync.schemas import SchemaFiles, SchemaServer
from mixtui.jobs.sync.server import AppApi
from mixtui.jobs.sync.sync import (
    Local,
    PushResult,
    Remote,
    SyncOptions,
    compare_for_pull,
    compare_for_push,
    push,
)
from mixtui.mixpanel.limits import LIMITS
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.model.prepared import PreparedRequest
from mixtui.request.confirmation import target_project_id
from mixtui.session import Session
from mixtui.storage.paths import state_dir
from mixtui.system import real_path
from mixtui.text import duration, pluralise

T = TypeVar("T")

_SHOWN = 20
"""Labels that a message lists."""
_MAX_DIFF_LINES = 2000
"""Of the diff above a question."""


class Kind(Struct, frozen=True):
    """What is pulled and pushed."""

    command: str
    """``schemas``"""
    noun: str
    local: Callable[[Path], Local]
    remote: Callable[[AppApi], Remote]


SCHEMAS = Kind(
    "schemas", "schema", SchemaFiles, lambda api: SchemaServer(api, api.sleep)
)
ANNOTATIONS = Kind("annotations", "annotation", AnnotationFile, AnnotationServer)


class _Read(Struct, frozen=True):
    """Everything that is compared."""

    request: PreparedRequest
    """Read the server."""
    server: State
    files: State
    base: Base | None


class Sync:
    """One pull or push."""

    def __init__(self, kind: Kind, arguments: Namespace, console: Console) -> None:
        """Open the session; send nothing.

        Raises:
            MixtuiError: As `session_from_arguments`.
        """
        self._kind, self._arguments, self._console = kind, arguments, console
        self._session: Session = session_from_arguments(arguments, console)
        for warning in self._session.warnings:
            console.report(warning)
        self._path = real_path(console.folder / os.path.expanduser(arguments.path))
        self._local = kind.local(self._path)
        self._options = SyncOptions(arguments.prune, arguments.overwrite)

    def pull(self) -> int:
        """Make the files like the project; return the exit status.

        Raises:
            MixtuiError: Nothing was changed, or it says what was not.
        """
        read = self._read()
        if not read.server and read.files and self._options.prune:
            raise JobError(
                f"The {self._source(read)} has no {self._kind.command}, and --prune would "
                f"remove all that {self._path.name} has: check the environment, or "
                "delete the files yourself."
            )
        comparison = compare_for_pull(read.files, read.server, read.base, self._options)
        if self._is_only_shown:
            return self._show(read, comparison, "pull")
        self._refuse_conflicts(read, comparison, "pull")
        self._local.write(comparison.changes)
        self._local.settle({})
        self._save_base(read, read.server)
        self._report(comparison, "pull")
        counts = _counts(comparison.changes)
        self._finish(
            _values(comparison, "pull", comparison.changes),
            f"Pulled {self._source(read)} into {self._arguments.path}: {counts}; "
            f"{comparison.unchanged:,} unchanged.",
        )
        return ExitStatus.ACCEPTED

    def push(self) -> int:
        """Make the project like the files; return the exit status.

        Raises:
            MixtuiError: It stopped; the account was printed.
        """
        if not self._path.exists():
            raise JobError(
                f"{self._path} does not exist: create it with mixtui "
                f"{self._kind.command} pull."
            )
        read = self._read()
        if not read.files and self._options.prune:
            raise JobError(
                f"{self._path} has no {self._kind.command}, and --prune would remove all "
                "that the project has: pull first."
            )
        comparison = compare_for_push(read.files, read.server, read.base, self._options)
        if self._is_only_shown:
            return self._show(read, comparison, "push")
        self._refuse_conflicts(read, comparison, "push")
        changes = comparison.changes
        if not changes:
            self._local.settle({})
            self._save_base(read, read.server)
            self._report(comparison, "push")
            self._finish(_values(comparison, "push"), "Nothing to push.")
            return ExitStatus.ACCEPTED
        requests = self._prepare(changes)
        self._print_diff(changes, self._console.report, _MAX_DIFF_LINES, "push")
        self._report(comparison, "push")
        if not self._confirm(read, changes, requests):
            return ExitStatus.INTERRUPTED
        if read.base is not None:
            self._store_base(read, read.base, changes)
        result = self._send(changes)
        self._save_base(read, result.server)
        return self._report_push(read, comparison, result)

    def _prepare(self, changes: Sequence[Difference]) -> list[PreparedRequest]:
        """Check what is to be sent, and return the requests.

        Raises:
            MixtuiError: It must not be sent.
        """

        async def work(remote: Remote) -> list[PreparedRequest]:
            remote.check(changes, self._local)
            return remote.requests(changes)

        return self._with_remote(work)

    def _send(self, changes: Sequence[Difference]) -> PushResult:
        """Send the changes, and read the result.

        Raises:
            MixtuiError: It is not known what came of them.
        """
        done = 0
        is_shown = self._console.stderr_is_terminal

        def count(_: Difference, key: str) -> None:
            nonlocal done
            done += 1
            if is_shown:
                draw_line(self._console, f"{done:,} of {len(changes):,} sent")

        try:
            return self._with_remote(
                lambda remote: push(changes, self._local, remote, count)
            )
        except KeyboardInterrupt:
            self._console.report(
                "Repeat the command to continue: it sends what then still differs."
            )
            raise
        finally:
            if is_shown:
                draw_line(self._console)

    def _with_remote(self, work: Callable[[Remote], Awaitable[T]]) -> T:
        async def run(connection: Connection, sending: Sending) -> T:
            environment = self._session.environment
            api = AppApi(environment, sending, connection.free_in)
            return await work(self._kind.remote(api))

        return run_with_connection(self._session, self._console, run)

    def _read(self) -> _Read:
        """Read project, files and base.

        Raises:
            MixtuiError: One cannot be read.
        """

        async def work(remote: Remote) -> tuple[PreparedRequest, State]:
            request = remote.list_request()
            return request, await remote.read()

        request, server = self._with_remote(work)
        store = BaseStore(state_dir(), request.url, self._path)
        self._local.load()
        return _Read(request, server, self._local.state(server), store.load(server))

    def _save_base(self, read: _Read, server: State) -> None:
        """Remember what is equal now."""
        files = self._local.state(server)
        self._store_base(read, next_base(read.base, files, server))

    def _store_base(
        self, read: _Read, base: Base, changes: Sequence[Difference] = ()
    ) -> None:
        store = BaseStore(state_dir(), read.request.url, self._path)
        try:
            store.save(base, changes)
        except StorageError as error:
            self._console.report(str(error))

    @property
    def _is_only_shown(self) -> bool:
        return bool(self._arguments.dry_run or self._arguments.check)

    def _show(self, read: _Read, comparison: Comparison, direction: str) -> int:
        """Print what differs, or would be done; return the exit status."""
        arguments, console = self._arguments, self._console
        shown = comparison.differences if arguments.check else comparison.changes
        if not arguments.json:
            self._print_diff(shown, console.print_untrusted, None, direction)
        self._report(comparison, direction)
        if arguments.check:
            count = len(comparison.differences)
            what = f"{self._path.name} and {self._source(read)}"
            noun = pluralise(count, self._kind.noun, self._kind.command)
            summary = f"{what} {f'differ in {noun}' if count else 'are the same'}."
        else:
            done = _counts(comparison.changes)
            summary = f"Would {direction}: {done}. Nothing was changed."
        self._finish(_values(comparison, direction), summary)
        differs = arguments.check and comparison.differences
        return ExitStatus.REFUSED if differs else ExitStatus.ACCEPTED

    def _print_diff(
        self,
        differences: Iterable[Difference],
        write: Callable[[str], None],
        most: int | None,
        direction: str,
    ) -> None:
        sides = ("files", "project") if direction == "push" else ("project", "files")
        count = 0
        for difference in differences:
            for line in diff_lines(difference, *sides):
                count += 1
                if most is None or count <= most:
                    write(line)
        if most is not None and count > most:
            write(f"… and {count - most:,} more lines: --dry-run prints all.")

    def _refuse_conflicts(
        self, read: _Read, comparison: Comparison, direction: str
    ) -> None:
        """Refuse to overwrite what was changed on both sides.

        Raises:
            JobError: Says what to do.
        """
        conflicts = comparison.of(Verdict.CONFLICT)
        if not conflicts:
            return
        noun = pluralise(len(conflicts), self._kind.noun, self._kind.command)
        was = "was" if len(conflicts) == 1 else "were"
        if read.base is None:
            self._list(conflicts, "is not the same in the files and in the project")
            problem = (
                f"{noun} of {self._path.name} may have been edited, as nothing was pulled "
                "there before"
            )
        else:
            self._list(conflicts, "was changed in the files and in the project")
            problem = f"{noun} {was} changed on both sides since the last pull"
        if direction == "pull":
            remedy = "repeat with --overwrite, and merge"
        else:
            remedy = "pull with --overwrite, and merge; --overwrite here drops theirs"
        raise JobError(
            f"Nothing was changed: {problem}. To keep both, commit your files, {remedy}.",
            ExitStatus.REFUSED,
        )

    def _report(self, comparison: Comparison, direction: str) -> None:
        """Say what is left as it is."""
        kept, unpruned = comparison.of(Verdict.KEEP), comparison.of(Verdict.UNPRUNED)
        if direction == "push":
            changed = "was changed in the project since the last pull; not pushed"
            surplus = "is only in the project; --prune removes it"
        else:
            changed = "was changed in the files since the last pull; not pulled"
            surplus = "is only in the files; --prune removes it"
        self._list(kept, changed)
        self._list(unpruned, surplus)

    def _list(self, differences: Sequence[Difference], what: str) -> None:
        for each in differences[:_SHOWN]:
            self._console.report(f"{each.label} {what}.")
        if len(differences) > _SHOWN:
            self._console.report(f"… and {len(differences) - _SHOWN:,} more.")

    def _confirm(
        self,
        read: _Read,
        changes: Sequence[Difference],
        requests: Sequence[PreparedRequest],
    ) -> bool:
        if estimate := _estimate(requests):
            self._console.report(estimate)
        label = (
            f"Push {pluralise(len(changes), 'change')} of {self._kind.command} "
            f"({_counts(changes)}) to {self._source(read)}"
        )
        return confirm_requests(
            self._arguments, self._console, self._session.environment, label, requests
        )

    def _source(self, read: _Read) -> str:
        request = read.request
        project = target_project_id(request) or "(none)"
        return f"project {project} in {request.region} ({request.environment})"

    def _report_push(
        self, read: _Read, comparison: Comparison, result: PushResult
    ) -> int:
        """Print the account; return the exit status.

        Raises:
            MixtuiError: It stopped.
        """
        missing = result.missing
        self._list(missing, "is not in the project as it was sent")
        total = len(comparison.changes)
        self._finish(
            _values(comparison, "push", result.done, missing),
            f"{pluralise(total, 'change')} = {len(result.done):,} done "
            f"({_counts(result.done)}) + {len(missing):,} not done; "
            f"{comparison.unchanged:,} unchanged in {self._source(read)}.",
        )
        if result.problem is not None and missing:
            self._console.report(
                "Repeat the command to continue: it sends what then still differs."
            )
            raise result.problem
        return ExitStatus.PARTLY_STORED if missing else ExitStatus.ACCEPTED

    def _finish(self, values: dict[str, Any], summary: str) -> None:
        if self._arguments.json:
            self._console.print_json(values)
        self._console.report(summary)


def _counts(changes: Sequence[Difference]) -> str:
    """Return such as ``2 added, 1 changed, 0 removed``."""
    actions = [change.action for change in changes]
    return ", ".join(
        f"{actions.count(action):,} {action}"
        for action in ("added", "changed", "removed")
    )


def _estimate(requests: Sequence[PreparedRequest]) -> str:
    """Return how long a push takes that its quota holds back; empty = it does not."""
    operation = requests[0].operation
    limit = LIMITS.get(operation.bucket) if operation is not None else None
    if limit is None or len(requests) <= limit.calls:
        return ""
    seconds = (len(requests) // limit.calls) * limit.seconds
    return (
        f"{pluralise(len(requests), 'request')} at {limit.calls:,} in "
        f"{duration(limit.seconds)} take about {duration(seconds)}."
    )


def _values(
    comparison: Comparison,
    direction: str,
    done: Sequence[Difference] = (),
    missing: Sequence[Difference] = (),
) -> dict[str, Any]:
    """Return the result for ``--json``."""

    def labels(differences: Sequence[Difference], action: str = "") -> list[str]:
        return [e.label for e in differences if action in ("", e.action)]

    return {
        "direction": direction,
        "unchanged": comparison.unchanged,
        **{
            action: labels(comparison.changes, action)
            for action in ("added", "changed", "removed")
        },
        "kept": labels(comparison.of(Verdict.KEEP)),
        "conflicts": labels(comparison.of(Verdict.CONFLICT)),
        "not_pruned": labels(comparison.of(Verdict.UNPRUNED)),
        "done": len(done),
        "not_done": labels(missing),
    }


def run_pull(kind: Kind, arguments: Namespace, console: Console) -> int:
    """Pull; return the exit status."""
    return Sync(kind, arguments, console).pull()


def run_push(kind: Kind, arguments: Namespace, console: Console) -> int:
    """Push; return the exit status."""
    return Sync(kind, arguments, console).push()
