"""One ordered queue of input: each key acts after the one before has had its effect.

Over a slow line keys arrive in bursts: ctrl+s, a name and enter in one read. Textual
forwards every key of a burst to the widget that has the focus *now*, and runs the action
that a key is bound to only when the key has bubbled from that widget up to the app. So
letters typed behind a command would go to the field that the command is about to leave,
and be typed before the command has even run.

The queue stands where input enters, at `App.post_message`. It takes keys, pastes and
mouse events from the driver (or from a test's `Pilot`) in their order. It passes one on,
and the next one when

- the focused widget, its ancestors and the app have nothing left to do: the key, the
  action that it is bound to and the messages of both have been handled,
- and the workers of the group `ACTION_WORKERS` that the key started have ended, or a dialog has
  opened and is ready for keys,
- or `PATIENCE` has run out: no action may hold the keyboard for long.

Whether a key has had its effect is only asked when the next one is there: a person types
more slowly than the app acts.

What must not be typed into before it is ready, however long that takes, is an
`InputGate`. When the terminal is given to another program, such as an editor, the queue
is flushed: what was typed ahead was meant for that program. What was typed before a dialog
that opened unprompted could be seen is dropped.

Widgets use plain bindings and handlers. On an app that is not an `OrderedInputApp` they
work as in any Textual program: in order as long as a key has acted before the next comes.

To be reported to Textual: a message pump cannot be asked whether it is idle (`is_idle`
reads its queue and who waits for it), and `mixtui.ui.keys.paste`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic

from msgspec import Struct
from msgspec.structs import replace
from textual.app import App, ReturnType, ScreenStackError
from textual.events import Event, InputEvent, Key, Paste
from textual.screen import ModalScreen, Screen

if TYPE_CHECKING:
    from textual._queue import Queue
    from textual.driver import Driver
    from textual.message import Message
    from textual.message_pump import MessagePump
    from textual.worker import Worker

ACTION_WORKERS = "actions"
"""The group of the workers whose end the next key waits for."""
PATIENCE = 0.25
"""Seconds that a key waits at most for what the key before has started.

While it waits, seconds of the event loop's own time: while the machine is busy with
something else, nothing can have been done either.
"""
_TURNS = 300
"""Turns of the event loop in which a key may act, however much of that time they take."""


class InputGate:
    """Mix into a widget or screen that is not always ready for keys while focused."""

    async def wait_until_ready(self) -> None:
        """Return when the next key or paste may come. Escape does not wait."""


class _Start(InputGate):
    """Closed until the first screen is laid out: no key could act before."""

    def __init__(self) -> None:
        self.has_passed = asyncio.Event()

    async def wait_until_ready(self) -> None:
        await self.has_passed.wait()


class _Passed(Struct, frozen=True):
    """A key or paste that was passed on, and what was going on before it."""

    time: float
    """Seconds, by the clock of the event loop."""
    screen: Screen[Any] | None
    actions: Set[Worker[Any]]
    is_text: bool
    """Whether a field types it: it neither acts nor moves."""


class InputQueue:
    """Passes input on, one event after the other.

    Args:
        app: Where the input goes.
        deliver: Hands an event to the app.
    """

    def __init__(self, app: App[Any], deliver: Callable[[Event], object]) -> None:
        self._app = app
        self._deliver = deliver
        self._events: deque[Event] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_at_gate = False
        self._last: _Passed | None = None
        self._start = _Start()
        self._passed_on = float("-inf")
        self._unseen: Screen[Any] | None = None
        """A dialog that opens unprompted, until it has been painted."""

    def open(self) -> None:
        """Pass input on: the first screen is there."""
        self._start.has_passed.set()

    @property
    def is_busy(self) -> bool:
        """Whether an event has not had its effect, and none waits at a gate."""
        if self._is_running:
            return not self._is_at_gate
        last = self._last
        return last is not None and not (
            self._patience(last) <= 0 or self._is_settled(last)
        )

    @property
    def quiet_seconds(self) -> float:
        """The time since the last key or paste."""
        return self._now() - self._passed_on

    def put(self, event: Event) -> None:
        """Append an event, or pass it on at once if nothing has to be waited for."""
        if not self._is_running and self._may_pass(event):
            self._pass_on(event)
            return
        self._events.append(event)
        if not self._is_running:
            self._task = asyncio.create_task(self._run(), name="input queue")

    @property
    def _is_running(self) -> bool:
        """Whether events wait to be passed on.

        Asked of the task: with eager tasks, as Textual has them since Python 3.12, it may
        have ended before it is known here.
        """
        return self._task is not None and not self._task.done()

    def drop_until_seen(self, dialog: Screen[Any]) -> None:
        """Drop what is typed before a dialog that no key led to can be seen.

        It was not meant for it, and a letter may delete something or grant a permission.
        """

        def seen() -> None:
            self.flush()
            self._unseen = None

        self._unseen = dialog
        dialog.call_after_refresh(seen)

    def flush(self) -> None:
        """Forget what has not been passed on yet."""
        self._events.clear()

    def close(self) -> None:
        """Flush, and stop waiting."""
        self.flush()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._events and self._app.is_running:
            last = self._last
            await self._wait_for_effect(self._events[0])
            if self._events:  # It may have been flushed since.
                waited = await self._wait_until_ready(self._events[0])
                if waited and last is not None and self._events:
                    # What kept the gate closed acts only now: a choice is made.
                    self._last = replace(last, time=self._now())
                    await self._wait_for_effect(self._events[0])
            if self._events:
                self._pass_on(self._events.popleft())

    def _may_pass(self, event: Event) -> bool:
        """Return whether nothing has to be waited for before an event."""
        last = self._last
        return (
            last is None
            or (last.is_text and self._is_text(event))
            or self._is_settled(last)
        ) and not self._gates(event)

    def _gates(self, event: Event) -> list[InputGate]:
        """Return the gates at what has the focus, before which an event may wait."""
        if not isinstance(event, Key | Paste) or _is_escape(event):
            return []
        if not self._start.has_passed.is_set():
            return [self._start]
        screen = _active_screen(self._app)
        if screen is None:
            return []
        nodes: tuple[object, ...] = (screen, screen.focused)
        return [node for node in nodes if isinstance(node, InputGate)]

    async def _wait_until_ready(self, event: Event) -> bool:
        """Wait for the gates at what has the focus; return whether one was closed."""
        self._is_at_gate = True
        start = self._now()
        for gate in self._gates(event):
            await gate.wait_until_ready()
        self._is_at_gate = False
        return self._now() > start

    def _pass_on(self, event: Event) -> None:
        if isinstance(event, Key | Paste):
            if self._unseen is not None and _active_screen(self._app) is self._unseen:
                return
            self._passed_on = self._now()
            self._last = _Passed(
                self._passed_on,
                _active_screen(self._app),
                self._running_actions(),
                self._is_text(event),
            )
        self._deliver(event)

    async def _wait_for_effect(self, event: Event) -> None:
        """Wait until the last key has had its effect."""
        last = self._last
        if last is None or (last.is_text and self._is_text(event)):
            return  # Letters for one field need not wait for each other.
        self._last = None
        # Nothing tells when a pump becomes idle. It mostly takes less than 1 ms.
        turns, end = 0, time.thread_time() + self._patience(last)
        while not self._is_settled(last):
            await asyncio.sleep(0)
            turns += 1
            if turns > _TURNS and time.thread_time() > end:
                return

    def _patience(self, last: _Passed) -> float:
        """Return the seconds that are left of the time that a key is waited for."""
        return last.time + PATIENCE - self._now()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _is_text(self, event: Event) -> bool:
        """Whether the focused field types a key, which then neither acts nor moves."""
        screen = _active_screen(self._app)
        focused = None if screen is None else screen.focused
        return (
            isinstance(event, Key)
            and event.is_printable
            and focused is not None
            and focused.check_consume_key(event.key, event.character)
        )

    def _is_settled(self, last: _Passed) -> bool:
        """Return whether a key has had its effect."""
        screen = _active_screen(self._app)
        if screen is None:
            return not self._app.is_running
        focused = screen.focused
        nodes = (
            screen.ancestors_with_self
            if focused is None
            else focused.ancestors_with_self
        )
        if not all(map(is_idle, nodes)):
            return False
        if screen is last.screen:
            return self._running_actions() <= last.actions
        if isinstance(screen, ModalScreen) and focused is not None:
            return True  # It asks something: an action may wait for the reply.
        # An action that waited for a reply has it now, and continues.
        return not self._running_actions()

    def _running_actions(self) -> set[Worker[Any]]:
        return {
            worker
            for worker in self._app.workers
            if worker.group == ACTION_WORKERS and not worker.is_finished
        }


def _active_screen(app: App[Any]) -> Screen[Any] | None:
    try:
        return app.screen
    except ScreenStackError:
        return None  # The app is only starting, or ends.


def _is_escape(event: Event) -> bool:
    return isinstance(event, Key) and event.key == "escape"


def is_idle(pump: MessagePump) -> bool:
    """Whether a message pump waits for its next message, or has ended."""
    queue: Queue[Message | None] = pump._message_queue
    waits: bool = queue.empty() and bool(vars(queue.ready_event)["_waiters"])
    return waits or pump._closing or pump._closed


class OrderedInputApp(App[ReturnType], Generic[ReturnType]):
    """An app whose keys act in the order typed, also those that arrive together."""

    def __init__(self) -> None:
        super().__init__()
        self.input = InputQueue(self, super().post_message)
        self.has_terminal = asyncio.Event()
        """Whether it is not given to another program."""
        self.has_terminal.set()

    def get_driver_class(self) -> type[Driver]:
        driver_class = super().get_driver_class()
        if driver_class.__module__ != "textual.drivers.linux_driver":
            return driver_class  # That of Windows, or one that the user has named.
        from mixtui.ui.keys.loop_driver import LoopDriver

        return LoopDriver

    def post_message(self, message: Message) -> bool:
        # What bubbles up to the app has been through the queue: it was forwarded.
        if (
            isinstance(message, InputEvent | Paste)
            and not message.is_forwarded
            and not self._closing
        ):
            self.input.put(message)
            return True
        return super().post_message(message)

    def end_without_input(self) -> None:
        """End: nothing can be typed from now on."""
        self.exit(return_code=1)

    def stop_reading(self) -> None:
        """Leave the terminal alone until the app is suspended and comes back."""
        from mixtui.ui.keys.loop_driver import LoopDriver

        if isinstance(self._driver, LoopDriver):
            self._driver.stop_reading()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        with super().suspend():
            self.input.flush()
            self.has_terminal.clear()
            try:
                yield
            finally:
                self.has_terminal.set()

    @property
    def holds_input(self) -> bool:
        """Whether keys wait after the start until `input.open` is called."""
        return False

    def _on_ready(self) -> None:
        if not self.holds_input:
            self.input.open()

    def _on_unmount(self) -> None:
        self.input.close()
