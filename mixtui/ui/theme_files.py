"""The user's own themes, loaded again as they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App

from mixtui.ui.themes import load_themes

_PERIOD = 1.0
"""Seconds between two looks at a file or a folder."""

Stamp = tuple[int, int] | None


class ThemeFiles:
    """Follows the theme files of a folder while the app runs.

    It looks by turns at the folder and at the file of the current theme: an editor may
    replace a file or write into it.
    """

    def __init__(
        self, app: App[Any], folder: Path, wanted: str, problems: Iterable[str]
    ) -> None:
        """Take note of how the files are now.

        Args:
            app: Has loaded them.
            folder: Where they are; it need not exist.
            wanted: The theme that was asked for. If its file is broken, the app shows
                another one until it is corrected.
            problems: What was reported about the files.
        """
        self._app, self._folder = app, folder
        self._wanted, self._shown = wanted, app.theme
        self._problems = frozenset(problems)
        self._looks_at_folder = False
        paths = (folder, self._file)
        self._stamps = {path: _stamp(path) for path in paths}

    def follow(self) -> None:
        """Look from now on."""
        self._app.set_interval(_PERIOD, self.check)

    @property
    def _file(self) -> Path:
        return self._folder / f"{self._wanted}.toml"

    async def check(self) -> None:
        """Look once, and show what has changed."""
        if self._app.theme != self._shown:  # Somebody chose another one.
            self._wanted = self._shown = self._app.theme
        self._looks_at_folder = not self._looks_at_folder
        path = self._folder if self._looks_at_folder else self._file
        stamp = await asyncio.to_thread(_stamp, path)
        if self._stamps.get(path) != stamp:
            self._stamps[path] = stamp
            await self._load()

    async def _load(self) -> None:
        """Load all of them; one that is broken stays as it was."""
        app = self._app
        themes, problems = await asyncio.to_thread(load_themes, self._folder)
        for problem in problems:
            if problem not in self._problems:
                app.notify(problem, severity="warning", markup=False)
        self._problems = frozenset(problems)
        changed = {
            name
            for name, theme in themes.items()
            if app.available_themes.get(name) != theme
        }
        for name in changed:
            app.register_theme(themes[name])
        if self._wanted in themes and app.theme != self._wanted:
            app.theme = self._shown = self._wanted
        elif app.theme in changed:
            app._watch_theme(app.theme)


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
