"""The composition root of the app: session, client, themes, keys."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.events import Paste
from textual.filter import Monochrome, NoColor
from textual.notifications import Notify, SeverityLevel

from mixtui.actions import Action
from mixtui.end_signals import exit_status
from mixtui.key_names import set_reader
from mixtui.keymap import check_keys
from mixtui.model.errors import ExitStatus, NameTaken
from mixtui.session import Session, open_session
from mixtui.storage.crash_report import EX_SOFTWARE
from mixtui.storage.paths import state_dir
from mixtui.ui.crash import CrashReporter, keep_message_pumps_running
from mixtui.ui.frame import FrameApp
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.keys.keymap import is_command, keymap
from mixtui.ui.live_settings import LiveSettings
from mixtui.ui.main.runs import MakeClient
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.signals import AppSignals
from mixtui.ui.theme_files import ThemeFiles
from mixtui.ui.themes import (
    DEFAULT,
    NO_COLORS,
    REPLACED,
    css_variables,
    default_theme,
    load_themes,
    shipped_folder,
)
from mixtui.ui.widgets.screen import CommandScreen, run_in_daemon

if TYPE_CHECKING:
    from mixtui.client.client import Client
    from mixtui.model.secrets import SecretReader
    from mixtui.sandbox.server import RunningSandbox
    from mixtui.storage.watch import FolderWatcher, Seen

T = TypeVar("T")

THEMES_FOLDER = "themes"
"""In the config folder: the user's own themes."""

_SETTLE_AFTER = 0.5
"""Seconds without a key, once the first screen is there, until what can wait is done."""
_YOUNG_OBJECTS = 20_000
"""New objects after which Python looks for unused circles, for two milliseconds."""
_STARTING_OBJECTS = 1_000_000
"""The same while it starts: a look at what that creates takes 50 ms, a tenth of the start."""
_SWITCH_INTERVAL = 0.001
"""Seconds after which a thread that computes hands Python's lock over to one that waits.

The event loop gives it away in every turn, and a key takes ten turns: with Python's 5 ms,
it waited up to 50 ms for a thread that formats a body.
"""
_NEEDED_BY_SENDS = (
    "client.client",
    "dispatch.dispatch",
    "dispatch.recording",
    "history.history",
    "outcome.outcome",
)
"""Modules that the first send would otherwise load on the event loop."""
_NOTICE_SECONDS = 2.5
"""To notice that there is something to read."""
_CHARACTERS_READ = 20
"""In a second, by somebody who reads on a screen in a second language."""


_SIGNS: dict[SeverityLevel, str] = {"warning": "! ", "error": "✗ "}
"""Before a notification: its color alone would not say how severe it is."""


class MixtuiApp(FrameApp[int], OrderedInputApp[int], inherit_bindings=False):
    """The Textual app: composes the session, themes, keys and the main screen."""

    TITLE = "mixtui"
    CSS_PATH = "ui/main_screen.tcss"
    ENABLE_COMMAND_PALETTE = False

    _has_themes = False
    actions: tuple[Action, ...] = ()
    """Every action with the user's own keys."""

    def __init__(
        self, session: Session, make_client: MakeClient, theme: str = ""
    ) -> None:
        super().__init__()
        self.crashes: CrashReporter | None = None
        """Reports unexpected exceptions; None = they end the app, as tests need."""
        self.final_sentences: list[str] = []
        """Why the app ended, if that was not intended, and what was to be said then."""
        self.signals: AppSignals | None = None
        """Handles those of the process; None = they are left alone, as tests need."""
        self.settles = False
        """Whether it does what can wait once it has started; tests do what they need."""
        self._watcher: FolderWatcher | None = None
        self._followed: Path | None = None
        """The root of the collection that is followed."""
        self.animation_level = "none"
        self._session = session
        self.actions, problems = check_keys(session.settings.keys)
        self.set_keymap(keymap(self.actions))
        self._bind_help()
        set_reader(lambda: self.actions, is_in_app=True)
        if self.no_color:
            # Textual would show a theme's colors as grays, too faint for some texts.
            self._filters = [
                *(f for f in self._filters if not isinstance(f, Monochrome)),
                NoColor(),
            ]
        self._main = MainScreen(session, make_client, self.actions)
        theme_problems = self._register_themes()
        self._has_themes = True
        self._problems = [*problems, *theme_problems]
        self.theme = NO_COLORS if self.no_color else DEFAULT
        self.theme_files = ThemeFiles(
            self, session.config / THEMES_FOLDER, theme_problems
        )
        wanted = "" if self.no_color else theme or session.settings.theme
        if wanted and (problem := self.theme_files.choose(wanted)):
            self._problems.append(problem)
        self.live_settings = LiveSettings(
            self, session.settings, self.theme_files, self._use_actions
        )

    def get_css_variables(self) -> dict[str, str]:
        # Textual asks before there are themes; they set the variables anew.
        if self._has_themes:
            self.theme_variables = css_variables(self.current_theme)
        return self.theme_variables

    def refresh_css(self, animate: bool = True) -> None:
        """Use changed CSS and variables; before there are widgets, without parsing twice."""
        if self._driver is not None:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def _bind_help(self) -> None:
        """Let the keys of the help act in every dialog: no binding of a screen does."""
        by_key = self._bindings.key_to_bindings
        for key, bindings in list(by_key.items()):
            by_key[key] = [each for each in bindings if each.action != "show_help"]
        for key in next(each.keys for each in self.actions if each.id == "help"):
            if is_command(key):
                self._bindings.bind(key, "show_help", show=False, priority=True)

    def action_show_help(self) -> None:
        """Explain what has the focus, or close the help."""
        from mixtui.ui.help.screen import toggle_help

        toggle_help(self, self.actions)

    def get_default_screen(self) -> MainScreen:
        return self._main

    async def store_all(self) -> None:
        """Store what was typed and what is in flight: the app is ended from outside."""
        if self._main.is_mounted:  # Nothing was typed before.
            for screen in self.screen_stack:
                if isinstance(screen, CommandScreen):
                    await screen.store_typed()
            await self._main.store_all()

    def end_without_input(self) -> None:
        if self.signals is None:
            super().end_without_input()
        elif not self.signals.end_signal:
            self.final_sentences.append("The input has ended, and so has the app.")
            self.signals.hang_up()

    @property
    def holds_input(self) -> bool:
        """Whether it is a first start whose form, which keys are meant for, is not open."""
        return not self._main.setup.is_offered.is_set()

    async def _open_input(self) -> None:
        await self._main.setup.is_offered.wait()
        self.input.open()

    def on_mount(self) -> None:
        """Report problems of keys and themes."""
        if self.signals is not None:
            self.signals.install()
        if self.holds_input:
            self.run_worker(self._open_input(), group="first-start")
        for problem in self._problems:
            self.notify(problem, severity="warning", markup=False)
        self.watch(self._main, "session", self._use_session, init=False)

    def _use_session(self, session: Session) -> None:
        self.live_settings.use(session.settings)

    def _use_actions(self, actions: tuple[Action, ...]) -> None:
        self.actions = actions
        self._bind_help()
        self._main.use_actions(actions)

    def on_ready(self) -> None:
        """Leave to the first pause what neither the first screen nor a key needs."""
        if self.settles:
            self.set_timer(_SETTLE_AFTER, self._settle_in_pause)

    async def _settle_in_pause(self) -> None:
        if (rest := _SETTLE_AFTER - self.input.quiet_seconds) > 0:
            self.set_timer(rest, self._settle_in_pause)
        else:
            await self.settle()

    async def settle(self) -> None:
        """Do what the first screen does not need."""
        from mixtui.system import limit_malloc_caching

        limit_malloc_caching()  # Before there are threads with arenas of their own.
        self._follow_files()
        # The first send does not wait for them, and no key, as it is in a thread.
        await run_in_daemon(_load_what_sends)
        # What is there by now stays: Python need not look at it again, which would take
        # up to 50 ms while a body arrives.
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])

    def _follow_files(self) -> None:
        """Notice from now on what other programs do to the files."""
        from mixtui.storage.watch import FolderWatcher

        self._watcher = watcher = FolderWatcher(
            self._from_thread(self.files_seen),
            self._from_thread(self._handle_exception),
        )

        def follow(session: Session) -> None:
            root = session.collection.root
            if root != self._followed:
                self._followed = root
                watcher.follow(session.config, root)

        self.watch(self._main, "session", follow)

    def _from_thread(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        """Return what calls something on the event loop."""

        def call(argument: T) -> None:
            with suppress(RuntimeError):  # The loop has just been closed.
                self.call_later(callback, argument)

        return call

    def files_seen(self, seen: Seen) -> None:
        """Read again what has changed in a folder."""
        if seen.root != self._session.config:
            self._main.live_files.seen(seen)
            return

        async def load() -> None:
            if not self.no_color:
                await self.theme_files.load()
            # The theme that the settings name is known by now.
            self._main.live_files.seen(seen)

        self.run_worker(load(), group="themes", exclusive=True)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notification for as long as it takes to read it."""
        super().notify(
            f"{_SIGNS.get(severity, '')}{message}",
            title=title,
            severity=severity,
            timeout=reading_time(message) if timeout is None else timeout,
            markup=markup,
        )

    def on_paste(self, event: Paste) -> None:
        """Say that a paste went nowhere: nothing that has the focus takes text."""
        self.notify("Not pasted: go to a field first.", severity="warning")

    def on_notify(self, event: Notify) -> None:
        """Print after the end what cannot be read before it."""
        if self.signals is not None and self.signals.end_signal:
            sign = _SIGNS.get(event.notification.severity, "")
            self.final_sentences.append(event.notification.message.removeprefix(sign))

    async def on_unmount(self) -> None:
        """Close the connections."""
        if self._watcher is not None:
            self._watcher.close()
        await self._main.runs.close()
        self._main.history.close()
        self._main.quota.close()

    def _handle_exception(self, error: Exception) -> None:
        if self.crashes is None:
            super()._handle_exception(error)
            return
        sentence = self.crashes.report(error)
        is_shown = self._main.is_mounted and not self._closing
        if is_shown and not self.crashes.is_flooded:
            self.notify(sentence, severity="error", timeout=20, markup=False)
            return
        self.final_sentences.append(self.crashes.first_sentence)
        self._return_code = EX_SOFTWARE
        self._close_messages_no_wait()

    def _register_themes(self) -> list[str]:
        own = self._session.config / THEMES_FOLDER
        themes, problems = load_themes(shipped_folder(), own)
        if self.no_color:
            themes, problems = {NO_COLORS: themes[NO_COLORS]}, ()
            for name in self.available_themes:
                self.unregister_theme(name)
        for name in REPLACED:
            self.unregister_theme(name)
        for theme in themes.values():
            self.register_theme(theme)
        return list(problems)


def theme_problems(config: Path) -> tuple[str, ...]:
    """Return a sentence for each theme of the user that is broken.

    Args:
        config: The user's config folder.
    """
    return load_themes(config / THEMES_FOLDER)[1]


def reading_time(text: str) -> float:
    """Return the seconds that a sentence is shown."""
    return min(_NOTICE_SECONDS + len(text) / _CHARACTERS_READ, 5 * _NOTICE_SECONDS)


def run(
    collection: Path | None = None,
    environment: str | None = None,
    theme: str | None = None,
    *,
    sandbox: bool = False,
) -> int:
    """Run the app until the user quits; return the exit status.

    Raises:
        MixtuiError: The collection or environment asked for does not exist, or the
            sandbox cannot start.
    """
    gc.set_threshold(_STARTING_OBJECTS, *gc.get_threshold()[1:])
    sys.setswitchinterval(_SWITCH_INTERVAL)
    with ExitStack() as stack:
        origin = ""
        if sandbox:
            origin = stack.enter_context(_sandbox()).origin
            collection = collection or _sandbox_collection()
        session = open_session(collection, environment, sandbox=origin, lenient=True)
        theme = theme or session.settings.theme or default_theme(os.environ)
        app = MixtuiApp(session, lambda: _client(session.secrets), theme)
        app.crashes = CrashReporter(state_dir())
        app.signals = AppSignals(app, app.store_all)
        app.settles = True
        stack.enter_context(keep_message_pumps_running())
        app.run(mouse=session.settings.mouse)
        for sentence in app.final_sentences:
            print(f"mixtui: {sentence}", file=sys.stderr)
        if app.signals.end_signal:
            return exit_status(app.signals.end_signal)
        return app.return_code or ExitStatus.ACCEPTED


def _load_what_sends() -> None:
    from mixtui.client.connections import load_libraries

    load_libraries()
    for name in _NEEDED_BY_SENDS:
        import_module(f"mixtui.{name}")


def _client(secrets: SecretReader) -> Client:
    from mixtui.client.client import Client

    return Client(secrets)


def _sandbox() -> RunningSandbox:
    from mixtui.sandbox.server import RunningSandbox

    return RunningSandbox()


def _sandbox_collection() -> Path:
    """Copy the starter requests to the user's data folder, once; return the folder."""
    from mixtui.storage.paths import data_dir
    from mixtui.storage.starter_collection import write_starter_collection

    folder = data_dir() / "sandbox"
    if not folder.is_dir() or not any(folder.iterdir()):
        with suppress(NameTaken):  # Another start was quicker.
            write_starter_collection(folder, for_sandbox=True)
    return folder
