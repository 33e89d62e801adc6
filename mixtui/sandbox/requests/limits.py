"""Rolling limits per project: requests per hour, and concurrent ones.

https://developer.mixpanel.com/reference/rate-limits. Counts are in memory: a restart
resets them.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from mixtui.sandbox.data.identity import Clock
from mixtui.sandbox.requests.errors import Refusal


class Quota:
    """Requests of one kind, counted per project."""

    def __init__(
        self, clock: Clock, *, limit: int, seconds: float, concurrent: int
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._seconds = seconds
        self._concurrent = concurrent
        self._lock = Lock()
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._running: defaultdict[str, int] = defaultdict(int)

    @contextmanager
    def use(self, project_id: str, *, counts: bool = True) -> Iterator[None]:
        """Count a request and hold its slot while it runs; raises a Refusal (429) if full.

        Args:
            project_id: The project.
            counts: False for free requests, such as a following page.
        """
        with self._lock:
            self._acquire(project_id, counts)
        try:
            yield
        finally:
            with self._lock:
                self._running[project_id] -= 1

    def _acquire(self, project_id: str, counts: bool) -> None:
        now = self._clock().timestamp()
        calls = self._calls[project_id]
        while calls and calls[0] <= now - self._seconds:
            calls.popleft()
        running = self._running[project_id] + 1
        used = len(calls) + (1 if counts else 0)
        if used > self._limit or running > self._concurrent:
            # A refused request is not counted, so the oldest one determines when to
            # retry.
            is_used_up = used > self._limit and calls
            wait = calls[0] + self._seconds - now if is_used_up else 1
            raise Refusal(
                429,
                f"Query rate limit exceeded for project_id: {project_id}. "
                f"{running}/{self._concurrent} queries running concurrently and "
                f"{used}/{self._limit} queries running in the last hour.",
                retry_after=max(1, math.ceil(wait)),
            )
        if counts:
            calls.append(now)
        self._running[project_id] = running
