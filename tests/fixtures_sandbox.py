"""The sandbox as fixtures; a ``conftest.py`` imports those that its folder uses.

- ``sandbox``: one for the whole run of a worker; read from it, or write what nobody
  else looks at (own distinct_ids, own event names).
- ``new_sandbox``: as many fresh ones as a test wants, with the options of
  `RunningSandbox`; they end with the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mixtui.sandbox.server import RunningSandbox

PLENTY = 1_000_000
"""Queries an hour, where the quota is not what is tested."""

NewSandbox = Callable[..., RunningSandbox]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[RunningSandbox]:
    """A running sandbox with its sample and no quota to speak of."""
    with RunningSandbox(queries_per_hour=PLENTY) as running:
        yield running


@pytest.fixture
def new_sandbox() -> Iterator[NewSandbox]:
    """Starts fresh sandboxes."""
    with ExitStack() as stack:

        def start(**options: object) -> RunningSandbox:
            given = {"queries_per_hour": PLENTY, **options}
            return stack.enter_context(RunningSandbox(**given))

        yield start
