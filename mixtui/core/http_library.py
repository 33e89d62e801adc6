"""httpx without its own command line."""

from __future__ import annotations

import sys


def import_httpx() -> None:
    """Import httpx in less than half the time.

    ``import httpx`` tries to load its command line, which brings click, rich and
    pygments where they are installed; without it httpx does all the same. Harmless
    when httpx is loaded already.
    """
    # None makes an import fail (the import system's own rule), which httpx expects.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # see above
    import httpx  # noqa: F401  # loaded for those who import it next
