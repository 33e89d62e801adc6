"""What screens share.

They are styled once, their workers end in time, errors are sentences, and what takes long
runs in threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from textual._compositor import Compositor
from textual.events import ScreenResume
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from mixtui import log
from mixtui.model.errors import MixtuiError
from mixtui.system import CancelToken
from mixtui.text import sanitize
from mixtui.ui.compositor import SparingCompositor
from mixtui.ui.keys.input_queue import ACTION_WORKERS

if TYPE_CHECKING:
    from textual.messages import Prune


class CancelsWorkersOnPrune:
    """Mix into a widget: its workers stop as soon as it is being removed.

    Textual takes a widget's children down first and stops its workers last: one that
    goes on in between would find the widgets gone that it wants to fill.
    """

    async def on_prune(self, event: Prune) -> None:
        # No widget itself: Textual takes CSS from the first base that is one, and that
        # must be the widget this is mixed into.
        assert isinstance(self, Widget)
        self.workers.cancel_node(self)


class StyledOnce:
    """Mix into a screen: its widgets are styled and painted once when it opens.

    Textual styles them when they are mounted, again when the screen comes to the front,
    and a third time, with a second layout, when it gets the classes of its breakpoints:
    half of the work of opening a dialog. It paints them with the first layout, and all of
    them again a moment later.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compositor: Compositor = SparingCompositor()

    def on_compose(self) -> None:
        # No widget itself, as above.
        assert isinstance(self, Screen)
        width, height = self.app.size
        self.add_class(
            *self._get_breakpoint_classes(width, self.HORIZONTAL_BREAKPOINTS or []),
            *self._get_breakpoint_classes(height, self.VERTICAL_BREAKPOINTS or []),
        )

    def on_screen_resume(self, event: ScreenResume) -> None:
        assert isinstance(self, Screen)
        if self.stack_updates == 0:
            event.refresh_styles = False
            self.call_next(self._skip_second_paint)

    def _screen_resized(self, size: Size) -> None:
        """Lay out once in a size: Textual announces it again three times at the start.

        A layout that is needed for another reason comes by itself.
        """
        assert isinstance(self, Screen)
        if size != self._compositor.size:
            Screen._screen_resized(self, size)

    def _skip_second_paint(self) -> None:
        self._repaint_required = False

    def _compositor_refresh(self) -> None:
        """Paint what has changed; what is painted with the whole screen has not, then.

        Textual forgets that a widget wanted to be painted only when it alone is.
        """
        assert isinstance(self, Screen)
        compositor = self._compositor
        if self.is_current and compositor.size.region in compositor._dirty_regions:
            for widget in compositor.visible_widgets:
                widget._exchange_repaint_regions()
        Screen._compositor_refresh(self)


class CommandScreen(StyledOnce, CancelsWorkersOnPrune, Screen[None]):
    """Runs actions in workers, and reports what went wrong in a sentence."""

    def notify_text(
        self,
        sentence: str,
        *,
        severity: Literal["information", "warning", "error"] = "information",
    ) -> None:
        """Show a notification; the sentence is never read as markup."""
        self.notify(sanitize(sentence), severity=severity, markup=False)

    async def store_typed(self) -> None:
        """Store what was typed: the app is ended from outside."""

    def run_guarded(self, work: Awaitable[object]) -> Worker[None]:
        """Run an action that may ask or fail in a worker; an error becomes a sentence.

        The next key waits until it ends or asks (`mixtui.ui.keys.input_queue`).
        """

        async def run() -> None:
            try:
                await work
            except MixtuiError as error:
                log.error("%s in the app", type(error).__name__)
                self.notify_text(str(error), severity="error")

        return self.run_worker(run, group=ACTION_WORKERS)


T = TypeVar("T")

SETTLING = 0.7
"""Seconds after which what cannot be read is read again: it may be half written."""
_TICK = 0.1
"""Seconds between two calls of ``on_tick``."""


async def run_in_thread(
    work: Callable[[], T],
    token: CancelToken,
    on_tick: Callable[[], None] = lambda: None,
) -> T:
    """Run blocking work in a thread; return its result, or raise what it raises.

    Args:
        work: What takes long.
        token: The work's; cancelled when the caller is.
        on_tick: Called now and then until the work ends.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    # Take its error out, so that asyncio reports none after the caller was cancelled.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        while not (await asyncio.wait({task}, timeout=_TICK))[0]:
            on_tick()
        return task.result()
    except asyncio.CancelledError:
        token.cancel()
        raise


async def run_in_daemon(work: Callable[[], T]) -> T:
    """Run work in a thread that nobody waits for when the app ends.

    For reading what may be on a network folder: if that is gone, it never ends.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def hand_over(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return  # Nobody waits any longer.
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(cast(T, value))

    def run() -> None:
        value, problem = None, None
        try:
            value = work()
        except BaseException as error:
            problem = error
        with suppress(RuntimeError):  # The loop is closed.
            loop.call_soon_threadsafe(hand_over, value, problem)

    threading.Thread(target=run, daemon=True).start()
    return await result
