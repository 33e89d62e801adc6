"""Show how far a job is: a line on a terminal, or JSON for programs."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from mixtui.cli.console import Console
from mixtui.cli.send.run import draw_line
from mixtui.jobs.model import JobProgress
from mixtui.text import pluralise, size

_INTERVAL = 0.5
_JSON_INTERVAL = 1.0
_BAR = 20
"""Cells of the bar."""
_USUAL_WIDTH = 80
_WINDOW = 10.0
"""Seconds over which a rate is measured."""


class ProgressMeter:
    """Reads the progress of a job again and again, and shows it."""

    def __init__(
        self,
        console: Console,
        read: Callable[[], JobProgress],
        total: int,
        *,
        unit: str,
        as_json: bool,
    ) -> None:
        """Show nothing yet.

        Args:
            console: Whose stderr it is shown on.
            read: Returns how far the job is.
            total: What `JobProgress.done` ends with; 0 = that comes to be known.
            unit: Of that.
            as_json: One line of JSON a second, instead of a line that is redrawn.
        """
        self._console, self._read, self._total = console, read, total
        self._unit, self._as_json = unit, as_json
        self._seen: deque[tuple[float, int, int]] = deque()
        self._drawn = False

    async def run(self) -> None:
        """Show it until cancelled."""
        while True:
            await asyncio.sleep(_JSON_INTERVAL if self._as_json else _INTERVAL)
            self.show()

    def show(self) -> None:
        """Show it once."""
        progress = self._read()
        now = time.monotonic()
        self._seen.append((now, progress.account.read, progress.done))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        if self._as_json:
            values = msgspec.json.encode(self._values(progress)).decode()
            self._console.report(values)
            return
        draw_line(self._console, self._line(progress))
        self._drawn = True

    def erase(self) -> None:
        """Remove the line."""
        if self._drawn:
            draw_line(self._console)
            self._drawn = False

    def _values(self, progress: JobProgress) -> dict[str, Any]:
        account = progress.account
        return {
            "read": account.read,
            "stored": account.stored,
            "rejected": account.rejected,
            "bytes": account.bytes,
            "done": progress.done,
            "total": self._total_of(progress) or None,
            "unit": self._unit,
            "per_second": round(self._rate(1)),
            "seconds_left": self._seconds_left(progress),
            "retries": progress.retries,
            "limit": progress.limit,
        }

    def _line(self, progress: JobProgress) -> str:
        """Return what fits into one line of the terminal, the most important first."""
        account = progress.account
        parts = [f"{account.stored:,} stored", f"{self._rate(1):,.0f}/s"]
        left = self._seconds_left(progress)
        if left is not None:
            parts.append(f"{left // 60}:{left % 60:02} left")
        if account.rejected:
            parts.append(f"{account.rejected:,} rejected")
        if progress.retries:
            parts.append(pluralise(progress.retries, "retry", "retries"))
        parts += [f"limit: {progress.limit}", size(account.bytes)]
        line = self._bar(progress) + parts[0]
        for part in parts[1:]:
            if len(line) + len(part) + 3 >= self._width():
                break
            line += f" · {part}"
        return line[: self._width() - 1]

    def _width(self) -> int:
        """Return the columns of the terminal."""
        try:
            return os.get_terminal_size(self._console.stderr.fileno()).columns
        except (OSError, ValueError):
            return _USUAL_WIDTH

    def _bar(self, progress: JobProgress) -> str:
        total = self._total_of(progress)
        if not total:
            return ""
        share = min(progress.done / total, 1.0)
        full = int(share * _BAR)
        return f"{'━' * full}{'─' * (_BAR - full)} {share:.0%}  "

    def _rate(self, index: int) -> float:
        first, last = self._seen[0], self._seen[-1]
        seconds = last[0] - first[0]
        return (last[index] - first[index]) / seconds if seconds else 0.0

    def _seconds_left(self, progress: JobProgress) -> int | None:
        rate, total = self._rate(2), self._total_of(progress)
        if not total or not rate:
            return None
        return round(max(total - progress.done, 0) / rate)

    def _total_of(self, progress: JobProgress) -> int:
        return self._total or progress.total
