"""Import a library without what mixtui does not use of it."""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from types import ModuleType

_MODULES: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
# None makes an import fail (the import system's own rule), which these libraries expect.
_MSGSPEC_TRIES = ("typing_extensions",)
_HTTPX_TRIES = (
    "httpx._main",  # Its command line: click, rich and pygments.
    "anyio",  # `mixtui.client.network` has httpcore wait with asyncio.
    "brotli",  # `mixtui.client.decoding` undoes encodings.
    "brotlicffi",
    "zstandard",
)


def import_msgspec() -> None:
    """Import msgspec in two thirds of the time; harmless when it is loaded already.

    It prefers typing_extensions, which loads what reads Python itself, to the same
    functions in typing.
    """
    _import_without("msgspec", _MSGSPEC_TRIES)


def import_httpx() -> None:
    """Import httpx in less than half the time; harmless when it is loaded already."""
    _import_without("httpx", _HTTPX_TRIES)


def _import_without(library: str, tries: tuple[str, ...]) -> None:
    """Import a library as if others were not installed; who needs them afterwards gets them."""
    if library in _MODULES:
        return
    missing = [name for name in tries if name not in _MODULES]
    _MODULES.update(dict.fromkeys(missing))
    try:
        importlib.import_module(library)
    finally:
        for name in missing:
            del _MODULES[name]
