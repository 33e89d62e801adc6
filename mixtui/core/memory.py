"""Gives memory back to the system.

glibc keeps what was freed: a place for each thread, and large ones once a large one was
used. A body that was looked at for a moment would count as the program's for ever.
"""

from __future__ import annotations

import sys
from functools import cache

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1
# malloc.h; see mallopt(3).
_LARGE = 256 * 1024
"""Bytes; larger pieces are the system's again as soon as they are freed."""
_LOOSE = 1024 * 1024
"""Bytes at the end of the heap that may stay."""


@cache
def limit_malloc_caching() -> None:
    """Let the allocator keep little of what is freed, from now on.

    Does nothing where there is no glibc.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    # One thread computes at a time anyway: two places are enough.
    mallopt(_ARENA_MAX, 2)
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, _LOOSE)
