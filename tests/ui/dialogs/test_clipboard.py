from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from textual.app import App

from mixtui.ui.dialogs.clipboard import (
    LIMIT,
    Copied,
    TooBig,
    copy,
    osc_52,
    wrap_for_screen,
)

HINT = "set -g set-clipboard on"


class Host(App[None]):
    "use t instead of Keeps whato the terminal beside what is drawn."

    written = ""

    async def copied(self, text: str, variables: dict[str, str]) -> Copied | TooBig:
        assert self._driver is not None
        self._driver.write = self._keep
        return await copy(self, text, "Value of .a", variables)

    def _keep(self, data: str) -> None:
        self.written += data


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tmux of its own; its standard input goes into a file."""
    script = tmp_path / "bin" / "tmux"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/args\ncat > {tmp_path}/in\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
    return script


@pytest.mark.parametrize(
    ("variables", "way", "hint"),
    [
        ({"TERM": "xterm-256color"}, "via OSC 52", False),
        ({}, "via OSC 52", False),
        ({"TERM": "tmux-256color"}, "via OSC 52", True),
        ({"TERM": "screen-256color"}, "via OSC 52", True),
    ],
)
async def test_a_terminal_gets_one_sequence(
    variables: dict[str, str], way: str, hint: bool
) -> None:
    app = Host()
    async with app.run_test():
        result = await app.copied("é\n", variables)
        assert app.written == "\x1b]52;c;w6kK\a"
        assert app.clipboard == "é\n"
    assert isinstance(result, Copied)
    assert result.sentence.startswith("Value of .a copied (2 characters, ")
    assert way in result.sentence
    assert (HINT in result.sentence) is hint


async def test_screen_hands_the_sequence_on_in_pieces() -> None:
    app = Host()
    text = "0123456789" * 100
    async with app.run_test():
        result = await app.copied(text, {"STY": "1.pts", "TERM": "screen"})
        written = app.written
    assert isinstance(result, Copied)
    assert "via GNU screen, OSC 52)." in result.sentence
    pieces = re.findall(r"\x1bP([^\x1b]*(?:\x1b\][^\x1b]*)?)\x1b\\", written)
    assert "".join(f"\x1bP{piece}\x1b\\" for piece in pieces) == written
    assert max(map(len, pieces)) + 4 <= 256
    assert "".join(pieces) == osc_52(text.encode())


async def test_tmux_sets_the_clipboard_itself(tmux: Path, tmp_path: Path) -> None:
    app = Host()
    async with app.run_test():
        variables = {"TMUX": "/tmp/t,1,0", "STY": "x", "TERM": "tmux-256color"}
        result = await app.copied("héllo", variables)
        assert app.written == ""
        assert app.clipboard == "héllo"
    assert isinstance(result, Copied)
    assert result.sentence.endswith("5 characters, via tmux, OSC 52).")
    assert (tmp_path / "args").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "in").read_text() == "héllo"


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 1\n", None])
async def test_an_old_or_missing_tmux_gets_the_sequence(
    tmux: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is None:
        tmux.unlink()
        monkeypatch.setenv("PATH", str(tmux.parent))
    else:
        tmux.write_text(content)
    app = Host()
    async with app.run_test():
        result = await app.copied("a", {"TMUX": "/tmp/t,1,0"})
        assert app.written == osc_52(b"a")
    assert isinstance(result, Copied)
    assert HINT in result.sentence


@pytest.mark.parametrize(("text", "fits"), [("x" * LIMIT, True), ("é" * LIMIT, False)])
async def test_what_a_terminal_would_drop_is_not_sent(text: str, fits: bool) -> None:
    app = Host()
    async with app.run_test():
        result = await app.copied(text, {})
        assert bool(app.written) is fits
    if not fits:
        assert result == TooBig(2 * LIMIT)


async def test_half_a_character_does_not_fail() -> None:
    app = Host()
    async with app.run_test():
        await app.copied("\ud800", {})
        assert app.written == osc_52(b"?")


def test_the_limit_is_what_every_terminal_takes() -> None:
    assert len(base64.b64encode(b"x" * LIMIT)) == 100_000
    assert wrap_for_screen("abc") == "\x1bPabc\x1b\\"
