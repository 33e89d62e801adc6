"""The user's own themes, loaded again as they are saved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.app import App

from mixtui.key_names import key_of
from mixtui.spelling import did_you_mean
from mixtui.ui.themes import load_themes
from mixtui.ui.widgets.screen import SETTLING


class ThemeFiles:
    """Loads the theme files of a folder again, and shows what has changed.

    Args:
        app: Has loaded them.
        folder: Where they are; it need not exist.
        problems: What was reported about the files.
    """

    def __init__(self, app: App[Any], folder: Path, problems: Iterable[str]) -> None:
        self._app, self._folder = app, folder
        self._wanted = self._shown = app.theme
        self._problems = frozenset(problems)

    def choose(self, name: str) -> str:
        """Show a theme; return what is wrong with its name, or an empty text.

        One whose file is broken is shown as soon as that is corrected.
        """
        app = self._app
        if name in app.available_themes:
            app.theme = self._wanted = self._shown = name
        elif (self._folder / f"{name}.toml").is_file():
            self._wanted = name
        else:
            all_themes = f"List them with {key_of('choose_theme')}."
            hint = did_you_mean(name, sorted(app.available_themes), all_themes)
            return f"No theme is named “{name}”. {hint}"
        return ""

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
