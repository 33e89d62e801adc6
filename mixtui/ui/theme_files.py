"""The user's own themes, loaded again as they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App

from mixtui.ui.themes import load_themes
from mixtui.ui.widgets.screen import SETTLING


class ThemeFiles:
    """Loads the theme files of a folder again, and shows what has changed.

    Args:
        app: Has loaded them.
        folder: Where they are; it need not exist.
        wanted: The theme that was asked for. If its file is broken, the app shows
            another one until it is corrected.
        problems: What was reported about the files.
    """

    def __init__(
        self, app: App[Any], folder: Path, wanted: str, problems: Iterable[str]
    ) -> None:
        self._app, self._folder = app, folder
        self._wanted, self._shown = wanted, app.theme
        self._problems = frozenset(problems)

    async def load(self) -> None:
        """Load all of them; one that is broken stays as it was."""
        app = self._app
        if app.theme != self._shown:  # Somebody chose another one.
            self._wanted = self._shown = app.theme
        themes, problems = await asyncio.to_thread(load_themes, self._folder)
        if not self._problems.issuperset(problems):
            await asyncio.sleep(SETTLING)
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
