"""``mixtui`` and ``python -m mixtui``."""

from __future__ import annotations

import gc
import sys

YOUNG_OBJECTS = 20_000
"""New objects after which Python looks for unused circles; its default is 700.

What a start creates stays, so looking for circles in it takes a tenth of a command's time
and finds none. A look at so many takes two milliseconds.
"""


def main() -> int:
    """Run the command line; returns the exit status."""
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    from mixtui.cli.main import run
    from mixtui.end_signals import EndSignals, exit_status

    EndSignals().install()
    status = run(sys.argv[1:])
    gc.freeze()  # At exit, Python would look at every object, twice.
    return exit_status(EndSignals.first) if EndSignals.first else status


if __name__ == "__main__":
    sys.exit(main())
