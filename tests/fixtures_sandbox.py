"""The sandbox as fixtures, for every test: ``conftest.py`` takes them from here.

- ``sandbox``: one for the whole run of a worker; read from it, or write what nobody
  else looks at (own distinct_ids, own event names).
- ``new_sandbox``: as many fresh ones as a test wants, with the options of
  `RunningSandbox`; they end with the test.
- ``copied_sample``: what both are quick by, for a fixture that starts one by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mixtui.sandbox.data.store import Store
    from mixtui.sandbox.server import RunningSandbox

PLENTY = 1_000_000
"""Queries an hour, where the quota is not what is tested."""

NewSandbox = Callable[..., "RunningSandbox"]


@pytest.fixture(scope="session")
def copied_sample() -> Iterator[None]:
    """Give every new store a copy of the sample that the first one of its day made.

    To make it costs nearly all of a start. What came since then is added as always.
    """
    from mixtui.sandbox.data import sample

    fill = sample.fill
    copies: dict[date, tuple[datetime, sqlite3.Connection]] = {}

    def fill_from_copy(store: Store, now: datetime) -> None:
        until, copy = copies.get(now.date(), (now, None))
        is_new = not store.rows("select 1 from facts")
        if is_new and copy is not None and until <= now:
            copy.backup(store._connection)
            if until == now:
                return
        fill(store, now)
        if is_new and copy is None:
            copy = sqlite3.connect(":memory:")
            store._connection.backup(copy)
            copies[now.date()] = now, copy

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "fill", fill_from_copy)
        yield
    for _, copy in copies.values():
        copy.close()


@pytest.fixture(scope="session")
def sandbox(copied_sample: None) -> Iterator[RunningSandbox]:
    """A running sandbox with its sample and no quota to speak of."""
    from mixtui.sandbox.server import RunningSandbox

    with RunningSandbox(queries_per_hour=PLENTY) as running:
        yield running


@pytest.fixture
def new_sandbox(copied_sample: None) -> Iterator[NewSandbox]:
    """Starts fresh sandboxes."""
    from mixtui.sandbox.server import RunningSandbox

    with ExitStack() as stack:

        def start(**options: object) -> RunningSandbox:
            options = {"queries_per_hour": PLENTY, **options}
            return stack.enter_context(RunningSandbox(**options))

        yield start
