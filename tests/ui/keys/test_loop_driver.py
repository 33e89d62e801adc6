"""A pty that the driver reads and writes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from textual import events
from textual.message import Message

from mixtui.ui.keys.loop_driver import LoopDriver, utf8_decoder
from tests.processes import PATIENCE

ENDED = "the input has ended"


class FakeApp:
    """Takes what the driver reads."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[str] = asyncio.Queue()

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Key):
            self.seen.put_nowait(message.key)
        elif isinstance(message, events.Paste):
            self.seen.put_nowait(f"paste {message.text!r}")
        return True

    async def _post_message(self, message: Message) -> bool:
        return self.post_message(message)

    def end_without_input(self) -> None:
        self.seen.put_nowait(ENDED)

    def _handle_exception(self, error: Exception) -> None:
        self.seen.put_nowait(repr(error))

    async def next(self, count: int = 1) -> list[str]:
        """Wait for keys, pastes, and the end."""
        async with asyncio.timeout(PATIENCE):
            return [await self.seen.get() for _ in range(count)]


class Person:
    """Types at the other end of the terminal."""

    def __init__(self) -> None:
        self.end, self.tty = pty.openpty()
        self.is_there = True

    def type(self, data: bytes) -> None:
        os.write(self.end, data)

    def read(self, end: bytes) -> bytes:
        """Read what is written, up to some bytes."""
        seen = b""
        while not seen.endswith(end):
            seen += os.read(self.end, 65536)
        return seen

    def leave(self) -> None:
        """Close the terminal."""
        if self.is_there:
            self.is_there = False
            os.close(self.end)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    person = Person()
    signals = [signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH]
    handlers = [signal.getsignal(number) for number in signals]
    keyboard = os.fdopen(person.tty, closefd=False)
    screen = os.fdopen(person.tty, "w", encoding="utf-8", closefd=False)
    monkeypatch.setattr(sys, "__stdin__", keyboard)
    monkeypatch.setattr(sys, "__stderr__", screen)
    yield person
    with contextlib.suppress(OSError):  # It may have been closed.
        screen.close()
    keyboard.close()
    for number, handler in zip(signals, handlers, strict=True):
        signal.signal(number, handler)
    person.leave()
    os.close(person.tty)


Scene = Callable[[LoopDriver, FakeApp], Coroutine[Any, Any, None]]


def play(scene: Scene) -> None:
    """Run the driver, started, until the scene is over."""

    async def run() -> None:
        app = FakeApp()
        driver = LoopDriver(app)  # type: ignore[arg-type]
        driver.start_application_mode()
        try:
            await scene(driver, app)
        finally:
            driver.stop_application_mode()
            driver.close()

    asyncio.run(run())


def test_keys_typed_before_the_start_and_after_it_are_read_in_order(
    person: Person,
) -> None:
    person.type(b"ab")

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"\x1b[15~c")
        assert await app.next(4) == ["a", "b", "f5", "c"]

    play(scene)


def test_nothing_wakes_the_driver_until_a_key_is_pressed(person: Person) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"a")
        assert await app.next() == ["a"]
        loop: Any = asyncio.get_running_loop()
        assert [
            each for each in loop._scheduled if each._callback == driver._tick
        ] == []
        names = [thread.name for thread in threading.enumerate()]
        assert "textual-input" not in names

    play(scene)


def test_an_escape_that_nothing_follows_is_the_key(person: Person) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"\x1b")
        assert await app.next() == ["escape"]
        person.type(b"\x1bOP")
        assert await app.next() == ["f1"]

    play(scene)


def test_lines_without_brackets_are_pasted_when_nothing_follows(person: Person) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"one\rtwo\r")
        assert await app.next() == [r"paste 'one\ntwo\n'"]

    play(scene)


def test_what_is_typed_for_another_program_is_not_read(person: Person) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        for _ in range(2):
            driver.suspend_application_mode()
            person.type(b"editor\r")
            assert os.read(person.tty, 100) == b"editor\n"
            driver.resume_application_mode()
            person.type(b"x")
            assert await app.next() == ["x"]

    play(scene)


def test_the_terminal_keeps_blocking_for_the_shell(person: Person) -> None:
    before = fcntl.fcntl(person.tty, fcntl.F_GETFL)

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        assert fcntl.fcntl(person.tty, fcntl.F_GETFL) == before

    play(scene)
    assert fcntl.fcntl(person.tty, fcntl.F_GETFL) == before


def test_a_terminal_that_is_closed_ends_the_input_once(person: Person) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"a")
        assert await app.next() == ["a"]
        person.leave()
        assert await app.next() == [ENDED]
        driver.stop_reading()
        assert not asyncio.get_running_loop().remove_reader(driver.fileno)
        assert app.seen.empty()

    play(scene)


def test_a_keyboard_that_is_a_file_ends_the_input(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        assert await app.next() == [ENDED]

    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "__stdin__", nothing)
        play(scene)


def test_what_fits_into_the_terminal_is_written_at_once(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        monkeypatch.setattr(driver, "_writer_thread", None)
        driver.write("déjà")
        monkeypatch.undo()
        assert person.read("déjà".encode()).startswith(b"\x1b[?1049h")

    play(scene)


def test_what_does_not_fit_into_the_terminal_is_written_in_order(
    person: Person,
) -> None:
    frames = [f"{number}: {'é' * 50_000}." for number in range(6)]

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        driver.write("begin")
        person.read(b"begin")
        for frame in [*frames, "end"]:
            driver.write(frame)
        seen = await asyncio.to_thread(person.read, b"end")
        assert seen.decode() == "".join([*frames, "end"])

    play(scene)


def test_a_terminal_of_another_user_is_written_by_the_thread(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> str:
        raise PermissionError

    monkeypatch.setattr(os, "ttyname", refuse)

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        driver.write("here")
        assert (await asyncio.to_thread(person.read, b"here")).count(b"here") == 1

    play(scene)


def test_keys_come_through_a_pipe_until_it_is_closed(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, into = os.pipe()
    os.write(into, b"a\x1b[B")
    os.close(into)

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        assert await app.next(3) == ["a", "down", ENDED]

    with os.fdopen(out) as keyboard:
        monkeypatch.setattr(sys, "__stdin__", keyboard)
        play(scene)


def test_an_error_while_reading_is_reported_and_the_next_key_is_read(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(parser: object, code: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("textual._xterm_parser.XTermParser.parse_mouse_code", fail)

    async def scene(driver: LoopDriver, app: FakeApp) -> None:
        person.type(b"\x1b[<0;1;1M")
        assert await app.next() == ["ZeroDivisionError()"]
        person.type(b"a")
        assert await app.next() == ["a"]

    play(scene)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"a\xffb", "a\ufffdb"),
        ("caf\xe9 ".encode("latin-1"), "caf\ufffd "),
        (b"\xe2\x82 cut", "\ufffd cut"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        ("caf\xe9 €".encode(), "caf\xe9 €"),
    ],
)
def test_bytes_of_a_terminal_that_are_not_utf_8_are_replaced(
    sent: bytes, text: str
) -> None:
    decoder = utf8_decoder()
    assert "".join(decoder.decode(sent[i : i + 1]) for i in range(len(sent))) == text
