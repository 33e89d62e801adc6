"""Pull what a project has into files, and push what was changed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from mixtui.jobs.model import JobError
from mixtui.jobs.sync.plan import (
    Base,
    Comparison,
    Difference,
    OnDone,
    State,
    compare,
    digests,
)
from mixtui.model.errors import MixtuiError
from mixtui.model.prepared import PreparedRequest


class Local(Protocol):
    """Files that hold what a project has. Blocks."""

    @property
    def path(self) -> Path:
        """Of the file or folder."""
        ...

    def load(self) -> None:
        """Read them.

        Raises:
            StorageError: One cannot be read, or is broken.
        """
        ...

    def state(self, server: State) -> State:
        """Return what was read or written; the keys are those of the server."""
        ...

    def write(self, changes: Sequence[Difference]) -> None:
        """Change what they hold; `settle` must follow.

        Raises:
            StorageError: One cannot be written.
        """
        ...

    def settle(self, created: Mapping[str, str]) -> None:
        """Write down which of it the server has.

        Args:
            created: The key of what was created there, by its key before.

        Raises:
            StorageError: It cannot be written.
        """
        ...

    def name_of(self, key: str) -> str:
        """Return the name of the file that holds something."""
        ...


class Remote(Protocol):
    """What a project has."""

    def list_request(self) -> PreparedRequest:
        """Return the request that reads all of it."""
        ...

    async def read(self) -> State:
        """Return all of it.

        Raises:
            MixtuiError: It cannot be read.
        """
        ...

    def check(self, changes: Sequence[Difference], local: Any) -> None:
        """Refuse what the server would not take.

        Raises:
            MixtuiError: Says what is wrong.
        """
        ...

    def requests(self, changes: Sequence[Difference]) -> list[PreparedRequest]:
        """Return the requests that make the changes.

        Raises:
            MixtuiError: They must not be sent.
        """
        ...

    async def apply(self, changes: Sequence[Difference], on_done: OnDone) -> None:
        """Make the changes.

        Raises:
            MixtuiError: It stopped; some changes may have been made.
        """
        ...


class SyncOptions(Struct, frozen=True):
    """What may be done to the target."""

    prune: bool = False
    overwrite: bool = False


class PushResult(Struct, frozen=True):
    """What came of a push."""

    server: State
    """As it was read again afterwards."""
    done: tuple[Difference, ...]
    """The changes that the project now has."""
    missing: tuple[Difference, ...]
    """Those that it does not have, or not as they were sent."""
    problem: MixtuiError | None
    """Why it stopped."""


def compare_for_pull(
    files: State, server: State, base: Base | None, options: SyncOptions
) -> Comparison:
    """Compare, to make the files like the project.

    Without a base, nobody knows whether a file was edited, so one that differs is a
    conflict, and one that the project lacks is kept.
    """
    return compare(
        server,
        files,
        base or {},
        prune=options.prune,
        overwrite=options.overwrite,
    )


def compare_for_push(
    files: State, server: State, base: Base | None, options: SyncOptions
) -> Comparison:
    """Compare, to make the project like the files.

    Without a base (a fresh checkout), the files are right.
    """
    return compare(
        files,
        server,
        digests(server) if base is None else base,
        prune=options.prune,
        overwrite=options.overwrite,
    )


async def push(
    changes: Sequence[Difference], local: Local, remote: Remote, on_done: OnDone
) -> PushResult:
    """Make changes to a project, and read it again to know what came of them.

    Raises:
        MixtuiError: It stopped, and the project could not be read again.
    """
    problem: MixtuiError | None = None
    keys = {change.key: change.key for change in changes}

    def note(change: Difference, key: str) -> None:
        keys[change.key] = key
        on_done(change, key)

    try:
        await remote.apply(changes, note)
    except MixtuiError as error:
        problem = error
    try:
        server = await remote.read()
    except MixtuiError as error:
        local.settle(keys)
        raise problem or JobError(
            "The changes were sent, but what the project has now could not be read: "
            f"{error}",
            error.exit_status,
        ) from None
    local.settle(keys)
    now = compare(local.state(server), server, {})
    differing = {each.key for each in now.differences}
    done = tuple(each for each in changes if keys[each.key] not in differing)
    missing = tuple(each for each in changes if keys[each.key] in differing)
    return PushResult(server, done, missing, problem)
