"""Import a library without what mixtui does not use of it."""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from types import ModuleType

_MODULES: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
# None makes an import fail (the import system's own rule), which msgspec expects.


def import_msgspec() -> None:
    """Import msgspec in two thirds of the time; harmless when it is loaded already.

    It prefers typing_extensions, which loads what reads Python itself, to the same
    functions in typing. Who needs typing_extensions afterwards gets it.
    """
    name = "typing_extensions"
    if name in _MODULES:
        return
    _MODULES[name] = None
    try:
        importlib.import_module("msgspec")
    finally:
        del _MODULES[name]
