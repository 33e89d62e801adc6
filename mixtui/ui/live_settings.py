"""Use the settings of config.toml while the app runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from mixtui.keymap import check_keys
from mixtui.storage.paths import SETTINGS_FILE
from mixtui.ui.keys.keymap import keymap
from mixtui.ui.themes import default_theme

if TYPE_CHECKING:
    from textual.app import App

    from mixtui.actions import Action
    from mixtui.storage.settings import Settings
    from mixtui.ui.theme_files import ThemeFiles


class LiveSettings:
    """Changes keys, theme and mouse when other settings come.

    Args:
        app: The app.
        settings: Those in use.
        themes: Shows a theme by its name.
        use_actions: Names other keys.
    """

    def __init__(
        self,
        app: App[int],
        settings: Settings,
        themes: ThemeFiles,
        use_actions: Callable[[tuple[Action, ...]], None],
    ) -> None:
        self._app = app
        self._settings = settings
        self._themes = themes
        self._use_actions = use_actions

    def use(self, settings: Settings) -> None:
        """Use settings from now on; say what is wrong with them."""
        before, self._settings = self._settings, settings
        if settings.keys != before.keys:
            self._use_keys(settings)
        if settings.theme != before.theme and not self._app.no_color:
            problem = self._themes.choose(settings.theme or default_theme(os.environ))
            if problem:
                self._warn(problem)
        if settings.mouse != before.mouse:
            self._use_mouse(settings.mouse)

    def _use_keys(self, settings: Settings) -> None:
        actions, problems = check_keys(settings.keys)
        self._app.set_keymap(keymap(actions))
        self._use_actions(actions)
        for problem in problems:
            self._warn(problem)

    def _use_mouse(self, mouse: bool) -> None:
        driver = self._app._driver
        name = "_enable_mouse_support" if mouse else "_disable_mouse_support"
        switch = getattr(driver, name, None)
        if driver is None or switch is None:
            self._warn(f"{SETTINGS_FILE}: mouse takes effect at the next start.")
            return
        # Textual's drivers check it before they write, also after a suspension.
        driver._mouse = True
        switch()
        driver._mouse = mouse

    def _warn(self, sentence: str) -> None:
        self._app.notify(sentence, severity="warning", markup=False)
