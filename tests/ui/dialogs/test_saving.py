"""Saving and copying: what the screen asks, tells and leaves on the disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from mixtui.document.document import Document, read
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import REDACTED, Secret
from mixtui.ui.dialogs import saving
from mixtui.ui.dialogs.clipboard import (
    LIMIT,
    copy_body,
    copy_line,
    copy_path,
    copy_value,
)
from mixtui.ui.dialogs.dialogs import ConfirmDialog, Dialog
from mixtui.ui.dialogs.saving import SaveDialog, save, save_text, suggest_file_name
from mixtui.ui.widgets.screen import CommandScreen

JSON = b'{"name":"Ana","list":[1,2.50],"big":"%b"}' % (b"x" * (LIMIT + 1))
LONG_LINE = b"y" * 2 * LIMIT


class Host(App[None]):
    """One screen that does what it is asked."""

    def get_default_screen(self) -> CommandScreen:
        return CommandScreen()

    @property
    def acting(self) -> CommandScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, CommandScreen)
        return screen

    @property
    def messages(self) -> list[str]:
        return [each.message for each in self._notifications]


Work = Callable[[CommandScreen], Awaitable[object]]


async def run(work: Work, *keys: str) -> Host:
    """Do something, press keys, and wait until it is done."""
    app = Host()
    async with app.run_test() as pilot:
        worker = app.acting.run_guarded(work(app.acting))
        for key in keys:
            await settled(pilot)
            await pilot.press(key)
        while not worker.is_finished:
            await pilot.pause()
    return app


async def settled(pilot: Pilot[None], kind: type[Screen[Any]] = Dialog) -> None:
    """Until a question is ready for keys, or something was notified."""
    app = pilot.app
    assert isinstance(app, Host)
    while not isinstance(app.screen, kind) or app.screen.focused is None:
        if app.messages:
            return
        await pilot.pause()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return made


@pytest.mark.parametrize(
    ("name", "ending", "file"),
    [
        ("Weekly sign-ups", ".json", "weekly-sign-ups.json"),
        ("  ", ".csv", "response.csv"),
        ("../../etc", ".txt", "etc.txt"),
    ],
)
def test_the_suggestion_is_made_of_the_request(
    name: str, ending: str, file: str
) -> None:
    assert suggest_file_name(name, ending) == file


async def test_the_body_is_saved_as_received(folder: Path) -> None:
    body = b'\xef\xbb\xbf{"a":1e400,"a":[ ]}\r\n'
    app = await run(lambda screen: save(screen, read(body), "Events"), "enter")
    assert (folder / "events.json").read_bytes() == body
    assert app.messages == [f"Saved {folder}/events.json, 24 B."]


async def test_the_body_is_saved_as_it_is_shown(folder: Path) -> None:
    document = read(b'{"a":1e400}')
    app = await run(
        lambda screen: save(screen, document, "Events"), "down", "space", "enter"
    )
    assert (folder / "events.json").read_bytes() == b'{\n  "a": 1e400\n}\n'
    assert app.messages[0].endswith("events.json, 17 B (formatted).")


async def test_escape_saves_nothing(folder: Path) -> None:
    app = await run(lambda screen: save(screen, read(b"x"), ""), "escape")
    assert app.messages == []
    assert list(folder.iterdir()) == []


async def test_a_body_still_coming_is_saved_as_far_as_received() -> None:
    document = read(b"a\nb")
    document.complete = False
    app = await run(lambda screen: save(screen, document, ""), "enter")
    assert app.messages[0].endswith(
        "3 B (partial: the response was still being received)."
    )


async def test_a_big_body_says_that_it_takes_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(saving, "_LARGE", 2)
    app = await run(lambda screen: save(screen, read(b"abc"), ""), "enter")
    assert app.messages[0] == "Saving 3 B…"


async def test_what_cannot_be_saved_is_a_sentence(folder: Path) -> None:
    (folder / "file").write_bytes(b"")
    app = await run(
        lambda screen: save(screen, read(b"x"), ""), *"file", "/", "x", "enter"
    )
    sentence = f"{folder}/file/x was not written: {folder}/file is not a folder."
    assert app.messages == [sentence]


async def test_a_table_is_saved_piece_by_piece(folder: Path) -> None:
    pieces = iter([b"a,b\n", b"1,2\n"])
    app = await run(lambda screen: save_text(screen, pieces, "t.csv", "T"), "enter")
    assert (folder / "t.csv").read_bytes() == b"a,b\n1,2\n"
    assert app.messages == [f"Saved {folder}/t.csv, 8 B."]


SECRET = "kq7-very-secret-zx9"
KEEP = Redactor([Secret(SECRET)])
"""Masks what no ordinary body holds."""


ECHO = f'{{"a":"{SECRET}"}}'.encode()


def value(line: int, body: bytes = JSON) -> Work:
    return lambda screen: copy_value(screen, read(body), line, "Events", KEEP)


def line(number: int, body: bytes = JSON) -> Work:
    return lambda screen: copy_line(screen, read(body), number, "Events", KEEP)


def body(document: Document) -> Work:
    return lambda screen: copy_body(screen, document, "Events", KEEP)


@pytest.mark.parametrize(
    ("work", "copied", "sentence"),
    [
        (value(1), "Ana", "Value of .name copied (3 characters, via"),
        (value(2), "[\n  1,\n  2.50\n]", "Value of .list copied (15 char"),
        (value(4), "2.50", "Value of .list[1] copied (4 characters"),
        (value(1, b'{}\n{"b": 1}'), '{"b": 1}', "Line 2 copied (8 characters"),
        (line(1), '  "name": "Ana",', "Line 2 copied (16 characters"),
        (
            lambda screen: copy_path(screen, ("a b", 3), KEEP),
            '.["a b"][3]',
            'Path .["a b"][3] copied (11 characters',
        ),
        (body(read(b'{"a":\xff}')), '{"a":\ufffd}', "Body copied (7 char"),
        (value(1, ECHO), REDACTED, "Value of .a copied (6 characters"),
        (line(1, ECHO), f'  "a": "{REDACTED}"', "Line 2 copied (15 characters"),
        (body(read(ECHO)), f'{{"a":"{REDACTED}"}}', "Body copied (14 char"),
        (
            lambda screen: copy_path(screen, (SECRET,), KEEP),
            f'.["{REDACTED}"]',
            f'Path .["{REDACTED}"] copied (11 characters',
        ),
    ],
)
async def test_parts_of_a_response_are_copied(
    work: Work, copied: str, sentence: str
) -> None:
    app = await run(work)
    assert app.clipboard == copied
    assert app.messages[0].startswith(sentence)
    assert app.messages[0].endswith("via OSC 52).")


async def test_a_value_without_an_end_is_not_copied() -> None:
    app = await run(value(0, b'{"a": [1, '))
    assert app.clipboard == ""
    assert app.messages == ["Nothing copied: the value is still being received."]


async def test_a_body_still_coming_is_called_a_part() -> None:
    document = read(b"abc")
    document.complete = False
    app = await run(body(document))
    assert app.messages[0].startswith("Partial body copied (3 ch")


async def question(work: Work) -> str:
    app = Host()
    async with app.run_test() as pilot:
        app.acting.run_guarded(work(app.acting))
        await settled(pilot)
        assert isinstance(app.screen, ConfirmDialog)
        return app.screen._question


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (
            body(read(JSON)),
            "Body (75 KB) exceeds the terminal clipboard limit of 75 KB. "
            "Save it to a file?",
        ),
        (
            value(0),
            "Value of . (more than 75 KB) exceeds the terminal clipboard limit of "
            "75 KB. Save it to a file?",
        ),
        (
            body(read(b"\0\1")),
            "The body is binary and cannot be copied to the clipboard. Save it to a file?",
        ),
    ],
)
async def test_what_is_too_big_is_offered_to_be_saved(
    work: Work, sentence: str
) -> None:
    assert await question(work) == sentence


@pytest.mark.parametrize(
    ("work", "name", "content"),
    [
        pytest.param(body(read(JSON)), "events.json", JSON, id="body"),
        pytest.param(value(6), "events.txt", b"x" * (LIMIT + 1), id="value"),
        pytest.param(line(0, LONG_LINE), "events.txt", LONG_LINE, id="line"),
    ],
)
async def test_and_is_saved_when_that_is_wanted(
    work: Work, name: str, content: bytes, tmp_path: Path
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        worker = app.acting.run_guarded(work(app.acting))
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot, SaveDialog)
        await pilot.press("enter")
        while not worker.is_finished:
            await pilot.pause()
    assert (tmp_path / "work" / name).read_bytes() == content
    assert app.clipboard == ""
    assert app.messages[0].startswith("Saved ")


async def test_or_left() -> None:
    app = await run(body(read(JSON)), "n")
    assert app.messages == []
    assert app.clipboard == ""
