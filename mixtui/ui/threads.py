"""Long work in a thread while the screen goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from mixtui.core.records.watch import Watch

T = TypeVar("T")

_TICK = 0.1
"""Seconds between two looks at how far it is."""


async def run_in_thread(
    work: Callable[[], T], watch: Watch, look: Callable[[], None]
) -> T:
    """What the work gives; whatever it raises is raised.

    Args:
        work: What takes long.
        watch: Stops it when nobody waits for it any more.
        look: Called now and then while it goes on.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    # Its error is nobody's concern when nobody waits.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        while not (await asyncio.wait({task}, timeout=_TICK))[0]:
            look()
        return task.result()
    except asyncio.CancelledError:
        watch.stop()
        raise
