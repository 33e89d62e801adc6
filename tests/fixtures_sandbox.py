"""The sandbox as fixtures; a ``conftest.py`` imports those that its folder uses.

- ``sandbox``: one for the whole run of a worker; read from it, or write what nobody
  else looks at (own distinct_ids, own event names).
- ``new_sandbox``: as many fresh ones as a test wants, with the options of
  `RunningSandbox`; they end with the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest

from mixtui.sandbox.data import sample
from mixtui.sandbox.data.store import Store
from mixtui.sandbox.server import RunningSandbox

PLENTY = 1_000_000
"""Queries an hour, where the quota is not what is tested."""

NewSandbox = Callable[..., RunningSandbox]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    """A running sandbox with its sample and no quota to speak of."""
    with RunningSandbox(queries_per_hour=PLENTY) as running:
        yield running


_FILLED: dict[datetime, bytes] = {}
"""The databases with the sample up to a time, as SQLite serializes them."""


@pytest.fixture
def new_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[NewSandbox]:
    """Starts fresh sandboxes.

    To make the sample costs nearly all of a start. One in memory whose clock is the
    test's starts with a copy of what the first at that time made.
    """
    fill = sample.fill

    def fill_from_copy(store: Store, now: datetime) -> None:
        if now not in _FILLED:
            fill(store, now)
            _FILLED[now] = store._connection.serialize()
        store._connection.deserialize(_FILLED[now])

    with ExitStack() as stack:

        def start(**options: object) -> RunningSandbox:
            options = {"queries_per_hour": PLENTY, **options}
            copies = "clock" in options and options.get("data_dir") is None
            monkeypatch.setattr(sample, "fill", fill_from_copy if copies else fill)
            return stack.enter_context(RunningSandbox(**options))

        yield start
