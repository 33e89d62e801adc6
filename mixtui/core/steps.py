"""Long work taken in steps, so that it can be stopped between any two."""

from __future__ import annotations

import time
from collections.abc import Iterator


def run_for(steps: Iterator[object], seconds: float) -> bool:
    """Take steps for a short time; returns whether those were all."""
    end = time.monotonic() + seconds
    return all(time.monotonic() <= end for _ in steps)
