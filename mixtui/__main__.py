"""``mixtui`` and ``python -m mixtui``."""

from __future__ import annotations

import gc
import sys
from types import ModuleType

_NEW_OBJECTS = 100_000
"""New objects after which Python looks for unused circles; its default is 700.

What a start creates stays, so looking for circles in it takes a tenth of a command's time
and finds none. The app, which must not wait for a look at so many, lowers it again.
"""


def main() -> int:
    """Run the command line; returns the exit status."""
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    _import_argparse()
    from mixtui.cli.main import run
    from mixtui.end_signals import EndSignals, exit_status

    EndSignals().install()
    status = run(sys.argv[1:])
    gc.freeze()  # At exit, Python would look at every object, twice.
    return exit_status(EndSignals.first) if EndSignals.first else status


def _import_argparse() -> None:
    """Import argparse without gettext: nobody has translated what it says.

    To look for that takes a tenth of the time of a help.
    """
    if sys.modules.keys() & {"argparse", "gettext"}:
        return
    english = ModuleType("gettext")
    english.__dict__.update(gettext=_unchanged, ngettext=_one_or_many)
    sys.modules["gettext"] = english
    try:
        __import__("argparse")
    finally:
        del sys.modules["gettext"]


def _unchanged(message: str) -> str:
    return message


def _one_or_many(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


if __name__ == "__main__":
    sys.exit(main())
