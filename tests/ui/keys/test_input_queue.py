"""One ordered queue of input: each key acts after the one before has had its effect."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from mixtui.ui.keys.input_queue import ACTION_WORKERS, InputGate, OrderedInputApp
from mixtui.ui.keys.paste import PasteParser
from tests.ui.driver import post_keys, wait_until
from tests.ui.eager import start_eagerly


class Question(ModalScreen[str]):
    """Asks for a text."""

    def compose(self) -> ComposeResult:
        yield Input(id="answer")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class Host(OrderedInputApp[None]):
    """Two fields, and keys that ask, move the focus, or work for a while."""

    BINDINGS = [
        ("f2", "ask", "Ask"),
        ("f3", "other", "Other field"),
        ("f4", "work", "Work"),
        ("f5", "stall", "Never end"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str | None] = []
        self.may_end = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    def value(self, name: str) -> str:
        return self.screen_stack[0].query_one(f"#{name}", Input).value

    def action_ask(self) -> None:
        self.run_worker(self._ask, group=ACTION_WORKERS)

    async def _ask(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.answers.append(await self.push_screen_wait(Question()))
        self.query_one("#second", Input).focus()

    def action_other(self) -> None:
        self.query_one("#second", Input).focus()

    def action_work(self) -> None:
        async def work() -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            self.query_one("#second", Input).focus()

        self.run_worker(work, group=ACTION_WORKERS)

    def action_stall(self) -> None:
        self.run_worker(self.may_end.wait, group=ACTION_WORKERS)


@pytest.mark.parametrize(
    ("keys", "first", "second", "answers"),
    [
        (["a", "b", "c"], "abc", "", []),
        (["a", "f3", "b"], "a", "b", []),
        (["a", "f4", "b"], "a", "b", []),
        (["a", "f2", "y", "e", "s", "enter", "b"], "a", "b", ["yes"]),
        (["f2", "1", "enter", "f2", "2", "enter", "x"], "", "x", ["1", "2"]),
        (["a", "left", "b", "backspace", "c"], "ca", "", []),
    ],
    ids=["typing", "moving on", "an action that works", "a question", "two", "editing"],
)
async def test_keys_that_arrive_together_act_in_the_order_typed(
    keys: list[str], first: str, second: str, answers: list[str]
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, *keys)
        await wait_until(pilot, lambda: not app.input.is_busy)
        assert (app.value("first"), app.value("second")) == (first, second)
        assert app.answers == answers


class GatedScreen(Screen[None], InputGate):
    """A field, for which a key may have to wait."""

    def compose(self) -> ComposeResult:
        yield Input(id="first")


class GatedHost(OrderedInputApp[None]):
    """Has a gate, which is open."""

    def get_default_screen(self) -> GatedScreen:
        return GatedScreen()


@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
async def test_keys_before_an_open_gate_act_where_tasks_start_eagerly(
    together: bool,
) -> None:
    app = GatedHost()
    async with app.run_test() as pilot:
        await pilot.pause()
        start_eagerly("InputQueue._run")
        for keys in ["abc"] if together else "abc":
            post_keys(app, *keys)
            await pilot.pause()
        await wait_until(pilot, lambda: not app.input.is_busy)
        assert app.query_one(Input).value == "abc"


class SlowScreen(Screen[None]):
    """Is long in coming, and offers its key only when it is there."""

    BINDINGS = [("f3", "other", "Other field")]

    def compose(self) -> ComposeResult:
        yield Input(id="first")
        yield Input(id="second")

    async def on_compose(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return self.is_mounted

    def action_other(self) -> None:
        self.query_one("#second", Input).focus()


class SlowHost(OrderedInputApp[None]):
    """Gets keys before its first screen is there."""

    def get_default_screen(self) -> SlowScreen:
        return SlowScreen()

    def on_mount(self) -> None:
        post_keys(self, "a", "f3", "b")


async def test_keys_typed_while_the_app_starts_wait_for_the_first_screen() -> None:
    app = SlowHost()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: not app.input.is_busy)
        values = [field.value for field in app.query(Input)]
        assert values == ["a", "b"]


async def test_an_action_that_does_not_end_holds_no_key_for_long() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "f5", "a")
        await wait_until(pilot, lambda: app.value("first") == "a")
        app.may_end.set()


async def test_nothing_polls_for_the_effect_of_a_key_while_no_other_waits() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "f5")
        await wait_until(
            pilot, lambda: any(w.group == ACTION_WORKERS for w in app.workers)
        )
        assert "input queue" not in {task.get_name() for task in asyncio.all_tasks()}
        app.may_end.set()


async def test_a_paste_waits_for_the_key_before_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "f4")
        app.post_message(events.Paste("text"))
        post_keys(app, "!")
        await wait_until(pilot, lambda: app.value("second") == "text!")
        assert app.value("first") == ""


async def test_what_was_typed_before_an_unprompted_dialog_is_not_its_answer() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        dialog = Question()
        app.input.drop_until_seen(dialog)
        app.push_screen(dialog)
        post_keys(app, *"typed ahead", "enter")
        await wait_until(pilot, lambda: app.input._unseen is None)
        await pilot.pause()
        assert dialog.is_active
        assert dialog.query_one(Input).value == ""
        await pilot.press(*"seen")
        assert dialog.query_one(Input).value == "seen"


async def test_what_was_typed_ahead_of_another_program_is_flushed() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        post_keys(app, "f4", *"abc")
        app.input.flush()
        await wait_until(pilot, lambda: not app.input.is_busy)
        assert (app.value("first"), app.value("second")) == ("", "")


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("two\nlines", "two\nlines"),
        ("two\rlines\r\n", "two\nlines\n"),
        ("an \x1b in it", "an  in it"),
        ("\x1b[15~ is f5", "[15~ is f5"),
        ("\x1b\x1b\x1b", ""),
        ("\x1b[A\x1bOP and \x1b]52;c;aGk=\x07", "[AOP and ]52;c;aGk=\x07"),
        ("\x1b[200~ again", "[200~ again"),
        # tmux with extended-keys: xterm's form, CSI u, and the other line end and tab.
        ("two\x1b[27;5;106~lines", "two\nlines"),
        ("two\x1b[106;5ulines", "two\nlines"),
        ("two\x1b[27;5;109~lines", "two\nlines"),
        ("two\x1b[13;1ulines\x1b[13u", "two\nlines\n"),
        ("two\x1b[106;5:1ulines", "two\nlines"),
        ("a\x1b[27;5;105~tab", "a\ttab"),
        ("ctrl+c is \x1b[27;5;99~ and \x1b[99;5u", "ctrl+c is [27;5;99~ and [99;5u"),
        ("j is \x1b[106;1u", "j is [106;1u"),
        ("no key has \x1b[27;5;300~", "no key has [27;5;300~"),
        ("no key has \x1b[99999999999u", "no key has [99999999999u"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000], ids="in pieces of {}".format)
def test_a_paste_is_one_event_of_plain_text(pasted: str, text: str, size: int) -> None:
    parser = PasteParser()
    typed = f"a\x1b[200~{pasted}\x1b[201~b"
    events_read = [
        event
        for start in range(0, len(typed), size)
        for event in parser.feed(typed[start : start + size])
    ]
    names = [
        event.key if isinstance(event, events.Key) else type(event).__name__
        for event in events_read
    ]
    assert names == ["a", "Paste", "b"]
    paste = events_read[1]
    assert isinstance(paste, events.Paste)
    assert paste.text == text


@pytest.mark.parametrize(
    "sequence",
    ["\x1b[1114112u", "\x1b[99999999999u", "\x1b[13;99999999999u", "\x1b[1:2:3u"],
)
def test_a_key_that_cannot_be_is_ignored(sequence: str) -> None:
    events_read = PasteParser().feed(f"a{sequence}b")
    keys = [event.key for event in events_read if isinstance(event, events.Key)]
    assert (keys[0], keys[-1]) == ("a", "b")
