"""The columns of the history: how wide they are, and which there is room for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from mixtui.core.visible import sanitize
from mixtui.core.words import duration, size
from mixtui.storage.history import Entry
from mixtui.ui.history_words import entry_time, status, title
from mixtui.ui.widgets.fitting import truncate_end

LEFT = 4
"""Cells of the cursor, the mark and the space behind each."""
GAP = 2
_NAME = 22
"""Cells that a name should have before there is room for what matters less."""
_STATUS = 12
"""Cells of an outcome that can be told from others."""
_ENOUGH = 40
"""Cells of a name that leave room for the path behind it."""
_WIDEST = {"when": 16, "method": 7, "outcome": 26, "environment": 16}
_OPTIONAL = ("environment", "size", "duration")
"""The most important first."""
_RIGHT = ("duration", "size")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a row."""

    kind: str
    """when, method, outcome, name, path, environment, duration or size."""
    text: str
    """Ready for the terminal, as wide as its column."""


class Columns:
    """Widths that grow with what is shown and never shrink by themselves."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}

    def measure(self, entries: Iterable[Entry], now: datetime) -> None:
        """Make room for some rows."""
        for entry in entries:
            for kind, text in _texts(entry, now).items():
                width = max(self._widths.get(kind, 0), cell_len(sanitize(text)))
                self._widths[kind] = min(width, _WIDEST.get(kind, width))

    def cells(self, entry: Entry, now: datetime, width: int) -> list[Cell]:
        """A row in so many cells."""
        widths, room = self._fitting(width)
        texts = _texts(entry, now)
        cells = [
            Cell(kind, truncate_end(texts[kind], widths[kind]))
            for kind in ("when", "method", "outcome")
        ]
        cells += _name(entry, room)
        for kind in ("environment", "duration", "size"):
            if kind in widths:
                fitted = truncate_end(texts[kind], widths[kind])
                if kind in _RIGHT:
                    fitted = f"{fitted.rstrip():>{widths[kind]}}"
                cells.append(Cell(kind, fitted))
        return cells

    def _fitting(self, width: int) -> tuple[dict[str, int], int]:
        """The columns there is room for, and how much is left for the name."""
        widths = self._widths
        shown = {kind: widths.get(kind, 0) for kind in ("when", "method", "outcome")}
        room = width - LEFT - sum(shown.values()) - GAP * len(shown) - 1
        if room < _NAME:
            outcome = max(_STATUS, shown["outcome"] + room - _NAME)
            room += shown["outcome"] - outcome
            shown["outcome"] = outcome
        for kind in _OPTIONAL:
            needs = widths.get(kind, 0) + GAP
            if needs > GAP and room - needs >= _NAME:
                shown[kind] = widths[kind]
                room -= needs
        return shown, max(1, room)


def _name(entry: Entry, room: int) -> list[Cell]:
    """What it is called, and the path behind it where there is room."""
    name = title(entry)
    kind = "name" if entry.name else "path"
    length = cell_len(sanitize(name[:room]))
    if kind == "path" or room < _ENOUGH or room - length < _ENOUGH // 2:
        return [Cell(kind, truncate_end(name, room))]
    rest = truncate_end(entry.path, room - length - GAP)
    return [Cell("name", truncate_end(name, length)), Cell("path", rest)]


def _texts(entry: Entry, now: datetime) -> dict[str, str]:
    return {
        "when": entry_time(entry.started, now),
        "method": entry.method,
        "outcome": f"{status(entry)} {entry.outcome}",
        "environment": entry.environment,
        "duration": duration(entry.seconds),
        "size": size(entry.body_bytes) if entry.status else "",
    }
