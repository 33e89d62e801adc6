"""Several lines that a terminal sends as keys are a paste."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from mixtui.ui.keys import paste
from mixtui.ui.keys.paste import PasteParser


@dataclass
class Clock:
    """Stands for the module `time`."""

    now: float = 100.0

    def monotonic(self) -> float:
        """Return the seconds that were set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(paste, "time", clock)
    return clock


def labels(messages: Iterable[Message]) -> list[str]:
    """The keys, and the texts of pastes."""
    return [
        message.key if isinstance(message, events.Key) else f"paste {message.text!r}"
        for message in messages
        if isinstance(message, events.Key | events.Paste)
    ]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("GET /a\rGET /b", "GET /a\nGET /b"),
        ("one\rtwo\r", "one\ntwo\n"),
        ("one\ntwo\n", "one\ntwo\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("\r\none\r\rtwo", "\none\n\ntwo"),
        ('{\r\t"a": 1,\r\t"b": 日\r}', '{\n\t"a": 1,\n\t"b": 日\n}'),
    ],
)
def test_lines_that_arrive_at_once_are_one_paste(
    clock: Clock, sent: str, text: str
) -> None:
    parser = PasteParser()
    assert labels(parser.feed(sent)) == []
    assert labels(parser.tick()) == [], "more of it may come"
    clock.now += 1
    assert labels(parser.tick()) == [f"paste {text!r}"]
    assert labels(parser.feed("x")) == ["x"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("a long name\r", id="a line"),
        pytest.param("a long name\rG", id="a line, and a command"),
        pytest.param("jjj\r12G\rhh\r", id="motions"),
        pytest.param("\r\r\r", id="line ends"),
        pytest.param("y\rn\r", id="replies"),
        pytest.param("\x13name\rother\r", id="behind ctrl+s"),
        pytest.param("name\rother\x1b[15~", id="before f5"),
    ],
)
def test_what_is_typed_ahead_stays_keys(clock: Clock, sent: str) -> None:
    read = labels(PasteParser().feed(sent))
    assert read
    assert not [label for label in read if label.startswith("paste")]


def test_what_follows_at_once_belongs_to_the_paste(clock: Clock) -> None:
    parser = PasteParser()
    assert labels(parser.feed("one\rtwo\rth")) == []
    assert labels(parser.feed("ree\r")) == []
    clock.now += 1
    assert labels(parser.tick()) == ["paste 'one\\ntwo\\nthree\\n'"]


def test_a_key_ends_the_paste(clock: Clock) -> None:
    parser = PasteParser()
    assert labels(parser.feed("one\rtwo\r")) == []
    assert labels(parser.feed("\x1b[15~")) == ["paste 'one\\ntwo\\n'", "f5"]


def test_a_paste_with_brackets_that_comes_in_pieces_is_one(clock: Clock) -> None:
    parser = PasteParser()
    read = [*parser.feed("\x1b[20"), *parser.feed("0~one\rtwo\rthree\x1b[201~")]
    assert labels(read) == ["paste 'one\\ntwo\\nthree'"]


def test_a_paste_that_began_and_never_came_does_not_hold_keys_back(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textual._parser.get_time", clock.monotonic)
    parser = PasteParser()
    assert labels(parser.feed("\x1b[20")) == []
    assert parser.due is not None
    clock.now = parser.due
    assert labels(parser.tick())
    assert parser.due is None
    assert labels(parser.feed("0~x")) == ["0", "tilde", "x"]


def test_a_paste_with_brackets_is_not_read_character_by_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parser = PasteParser()
    text = "a line of text\n" * 1000
    fed: list[str] = []
    feed = XTermParser.feed

    def count(parser: XTermParser, data: str) -> Iterable[Message]:
        fed.append(data)
        return feed(parser, data)

    monkeypatch.setattr(XTermParser, "feed", count)
    assert labels(parser.feed(f"\x1b[200~{text}\x1b[201~")) == [f"paste {text!r}"]
    assert sum(map(len, fed)) < 20
