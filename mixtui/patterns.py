"""Regular expressions that are compiled when one is first used.

Compiling one takes as long as importing a module: a command that compiled all of those
that it imports would spend a tenth of its time on patterns that it never uses.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # typing costs start-up

__all__ = ["compile_late"]

_METHODS = (
    "match",
    "fullmatch",
    "search",
    "finditer",
    "findall",
    "split",
    "sub",
    "subn",
    "pattern",
    "flags",
    "groups",
    "groupindex",
)

if TYPE_CHECKING:
    from re import compile as compile_late
else:

    class _LatePattern:
        """Stands for a compiled pattern, and has its methods once one was asked for."""

        def __init__(self, pattern, flags):
            self._arguments = pattern, flags

        def __getattr__(self, name):
            if name not in _METHODS:
                raise AttributeError(name)
            compiled = re.compile(*self._arguments)
            for each in _METHODS:
                setattr(self, each, getattr(compiled, each))
            return getattr(compiled, name)

    def compile_late(pattern, flags=0):
        """Return a pattern for the level of a module, as `re.compile` does."""
        return _LatePattern(pattern, flags)
