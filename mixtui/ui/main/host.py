"""What a controller of the main screen may ask of the screen.

Controllers import these protocols and take the other controllers that they need as
arguments. Only the screen knows them all, and a test may take its place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen
    from textual.timer import Timer
    from textual.widget import Widget
    from textual.worker import Worker

    from mixtui.actions import Action
    from mixtui.model.draft import Draft
    from mixtui.model.environment import Environment
    from mixtui.session import Session
    from mixtui.ui.request.pane import RequestPane
    from mixtui.ui.response.pane import ResponsePane
    from mixtui.ui.response.state import RequestRun, RequestSlot
    from mixtui.ui.sidebar.tree import CollectionTree

T = TypeVar("T")

Copy = Callable[[Iterable[str], str, str], Awaitable[None]]
"""Copies text: its pieces, what it is called, and the name of a file for too much."""


class Host(Protocol):
    """The shared state, and the ways to show and ask things."""

    draft: Draft
    """What is being edited."""
    session: Session
    """Set it to use another environment, or files that were read again."""

    @property
    def app(self) -> App[object]:
        """The program: its terminal, clipboard and screens."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action, with the person's own keys."""

    @property
    def is_active(self) -> bool:
        """Whether no dialog or other screen lies over the main screen."""

    @property
    def environment(self) -> Environment:
        """The environment in use."""

    @property
    def slot(self) -> RequestSlot:
        """What the draft is sent from."""

    async def ask(self, dialog: Screen[T], /, *, unprompted: bool = False) -> T:
        """Show a dialog and return its result; only within a worker.

        Args:
            dialog: The dialog.
            unprompted: Whether no key led to it: what was typed before it is seen does
                not answer it.
        """

    def notify_text(
        self,
        sentence: str,
        *,
        severity: Literal["information", "warning", "error"] = "information",
    ) -> None:
        """Show a sentence; never markup."""

    def run_worker(
        self,
        work: Callable[[], Coroutine[None, None, None]],
        /,
        *,
        group: str,
        exclusive: bool = False,
    ) -> Worker[None]:
        """Run a coroutine function as a worker of the screen."""

    def run_guarded(self, work: Awaitable[object], /) -> Worker[None]:
        """Run something that may ask or fail; an error becomes a sentence."""

    def set_timer(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Call something after some seconds."""

    def set_focus(self, widget: Widget | None, /) -> None:
        """Give a widget the focus."""

    def focus_request(self) -> None:
        """Go to the URL of the request."""

    def show_slot(self) -> None:
        """Show the run of the current slot."""


class PaneHost(Host, Protocol):
    """A host for controllers that edit, mark or read a pane."""

    @property
    def saved_requests(self) -> CollectionTree:
        """The tree in the sidebar."""

    @property
    def request_pane(self) -> RequestPane:
        """The editors of the draft."""

    @property
    def response_pane(self) -> ResponsePane:
        """The pane of the response."""

    @property
    def is_in_edit(self) -> bool:
        """Whether a field or dialog holds text that the draft does not have yet."""

    def update_draft(self, draft: Draft, /) -> None:
        """Show a newer version of the draft; cursors and focus stay."""

    def show_title(self) -> None:
        """Show what the draft is called, and whether it is saved."""


class RunHost(Host, Protocol):
    """A host for what runs requests; it is notified of each step."""

    def run_changed(self, run: RequestRun, /) -> None:
        """Show the new state of a run."""

    def run_grown(self, run: RequestRun, /) -> None:
        """Show more of the body of a run."""
