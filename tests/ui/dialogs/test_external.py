from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App

from mixtui.document.document import Document, read, read_source
from mixtui.document.source import Spool
from mixtui.model.draft import Body
from mixtui.ui.dialogs import external
from mixtui.ui.dialogs.external import (
    EditorError,
    ProgramError,
    copy_folder,
    edit,
    open_copy,
    page,
    pager_command,
    write_private_file,
)
from mixtui.ui.widgets.screen import CommandScreen
from tests.terminal import Terminal, clean_environment

Opener = Callable[[CommandScreen, Document], Awaitable[None]]
OPENERS = [pytest.param(page, id="pager"), pytest.param(open_copy, id="editor")]


class Host(App[None]):
    """Makes room for other programs without a terminal."""

    room = True
    came_back = False
    messages: list[str] = []

    def get_default_screen(self) -> CommandScreen:
        return CommandScreen()

    @contextlib.contextmanager
    def suspend(self) -> Iterator[None]:
        if not self.room:
            with super().suspend():
                yield
        yield  # As in Textual, nothing comes back when something is raised here.
        self.came_back = True


async def opened(opener: Opener, document: Document, *, room: bool = True) -> Host:
    app = Host()
    app.room = room
    async with app.run_test() as pilot:
        screen = app.screen
        assert isinstance(screen, CommandScreen)
        worker = screen.run_guarded(opener(screen, document))
        while not worker.is_finished:
            await pilot.pause()
        # What starts eagerly may have ended before its messages came.
        await pilot.pause()
        app.messages = [each.message for each in app._notifications]
    return app


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pager and editor that keeps what it was given; its notes are in a folder."""
    monkeypatch.setattr(external, "_AT_ONCE", 0.0)
    notes = tmp_path / "notes"
    notes.mkdir()
    script = tmp_path / "my viewer"
    script.write_text(
        f'#!/bin/sh\ncp "$2" "{notes}/text"\nstat -c "%a %h" "$2" > "{notes}/mode"\n'
        f'stat -c %a "$(dirname "$2")" > "{notes}/folder"\n'
        f'echo "$1 $2" > "{notes}/args"\necho "$LESSSECURE" > "{notes}/secure"\n'
        "exit ${STATUS:-0}\n"
    )
    script.chmod(0o755)
    for name in ("PAGER", "VISUAL"):
        monkeypatch.setenv(name, f"'{script}' -x")
    monkeypatch.delenv("LESSSECURE", raising=False)
    return notes


def note(notes: Path, name: str) -> str:
    return (notes / name).read_text().strip()


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("body", "media_type", "shown", "ending"),
    [
        (b'{"a":1e400}', "", b'{\n  "a": 1e400\n}\n', "json"),
        (b"a,b\n1,2", "text/csv", b"a,b\n1,2\n", "csv"),
        (b"{}\n{}\n", "", b"{}\n{}\n", "jsonl"),
        (b"", "", b"", "txt"),
    ],
)
async def test_what_is_shown_is_opened_from_a_private_file(
    opener: Opener,
    body: bytes,
    media_type: str,
    shown: bytes,
    ending: str,
    program: Path,
) -> None:
    app = await opened(opener, read(body, media_type))
    assert app.messages == []
    assert app.came_back
    assert (program / "text").read_bytes() == shown
    option, _, path = note(program, "args").partition(" ")
    assert option == "-x"
    assert Path(path).name == f"response.{ending}"
    assert not Path(path).parent.exists()
    assert note(program, "folder") == "700"
    assert note(program, "mode") == ("600 1" if opener is page else "400 1")


async def test_escape_sequences_reach_the_editor_but_not_the_pager(
    program: Path,
) -> None:
    await opened(page, read(b"\x1b[2Jx\n"))
    assert (program / "text").read_bytes() == "␛[2Jx\n".encode()
    await opened(open_copy, read(b"\x1b[2Jx\n"))
    assert (program / "text").read_bytes() == b"\x1b[2Jx\n"


@pytest.mark.parametrize(
    ("body", "links"),
    [
        pytest.param(b"a\nb\n", 2, id="text"),
        pytest.param(b"a\n\x1b[2J\n", 1, id="escape sequences"),
        pytest.param(b'{"a": 1}', 1, id="laid out"),
    ],
)
async def test_a_body_in_a_file_is_not_copied_for_the_pager(
    body: bytes, links: int, program: Path, tmp_path: Path
) -> None:
    spool = Spool(tmp_path, in_memory=0)
    spool.write(body)
    document = read_source(spool)
    await opened(page, document)
    assert note(program, "mode") == f"600 {links}"
    assert Path(note(program, "args").partition(" ")[2]).parent.parent == tmp_path
    # An editor could write to it, so it gets a copy.
    await opened(open_copy, document)
    assert note(program, "mode") == "400 1"
    assert spool.read(0, 99) == body
    assert spool.path is not None and spool.path.exists()


async def test_where_files_have_one_name_only_it_is_copied(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuses)
    spool = Spool(tmp_path, in_memory=0)
    spool.write(b"a\nb\n")
    await opened(page, read_source(spool))
    assert (program / "text").read_bytes() == b"a\nb\n"


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_program_that_is_not_there_is_a_sentence(
    opener: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAGER", "VISUAL"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    app = await opened(opener, read(b"x"))
    assert app.came_back
    (message,) = app.messages
    assert message.endswith(f" {tmp_path}/none: No such file or directory.")


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_terminal_without_room_is_a_sentence(
    opener: Opener, program: Path
) -> None:
    app = await opened(opener, read(b"x"), room=False)
    assert app.messages == ["This terminal does not support suspending the app."]
    assert not (program / "args").exists()


async def test_without_an_editor_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    app = await opened(open_copy, read(b"x"))
    assert app.messages == ["No editor configured. Set $EDITOR or $VISUAL."]


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_full_disk_is_a_sentence(
    opener: Opener, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    app = await opened(opener, read(b"x"))
    (message,) = app.messages
    assert message == "Cannot write a temporary file: No space left on device."


async def test_a_big_body_says_that_it_takes_time(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "_LARGE", 1)
    app = await opened(page, read(b"abc"))
    assert app.messages == ["Preparing 3 B…"]


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        ({}, ["less", "-S", "-+r", "-+R"]),
        ({"PAGER": "  "}, ["less", "-S", "-+r", "-+R"]),
        ({"PAGER": "bat --plain"}, ["bat", "--plain"]),
    ],
)
def test_the_pager_is_the_persons_own_or_less(
    variables: dict[str, str], command: list[str]
) -> None:
    assert pager_command(variables) == command


def test_a_pager_that_is_not_a_command_is_a_sentence() -> None:
    with pytest.raises(ProgramError, match=r"\$PAGER is not a valid command: 'x"):
        pager_command({"PAGER": "'x"})


@pytest.mark.parametrize(("own", "given"), [(None, "1"), ("0", "0")])
async def test_less_is_secure_unless_the_person_says_otherwise(
    own: str | None, given: str, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if own is not None:
        monkeypatch.setenv("LESSSECURE", own)
    await opened(page, read(b"x"))
    assert note(program, "secure") == given


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def editor(tmp_path: Path, script: str) -> list[str]:
    path = tmp_path / "editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return [str(path)]


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ('echo half > "$1"; exit 1', b"half\n"),
        ("exit 1", None),
        ('echo half > "$1"; kill -9 $$', b"half\n"),
        ('printf "\\377" > "$1"', b"\xff"),
        ('rm "$1"', None),
        ('rm "$1"; mkfifo "$1"', None),
        ('ln -sf /dev/zero "$1"', None),
        ('rm "$1"; mkdir "$1"', None),
        ("true", b"{}"),
    ],
    ids=[
        "vim's :cq",
        "unchanged",
        "killed",
        "not text",
        "removed",
        "pipe",
        "device",
        "folder",
        "did not wait",
    ],
)
def test_an_editor_that_did_not_succeed_changes_nothing(
    script: str, kept: bytes | None, temporary: Path, tmp_path: Path
) -> None:
    with pytest.raises(EditorError) as caught:
        edit(Body(text="{}"), editor(tmp_path, script))
    files = [path for path in temporary.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == ([] if kept is None else [kept])
    assert all(str(path) in str(caught.value) for path in files)
    if script == "true":
        assert "--wait" in str(caught.value)


def test_an_editor_that_changes_nothing_after_a_while_is_not_a_mistake(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "_AT_ONCE", 0.0)
    body = Body(text="{}")
    assert edit(body, editor(tmp_path, "true")) == body
    assert list(temporary.iterdir()) == []


def test_a_private_file_is_never_one_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ProgramError, match="Cannot write"):
        write_private_file(tmp_path / "trap", [b"secret"])
    assert not (tmp_path / "elsewhere").exists()


def test_the_folder_goes_whatever_happens(tmp_path: Path) -> None:
    def fails() -> None:
        with copy_folder(tmp_path / "spool") as folder:
            assert folder.path.parent == tmp_path
            write_private_file(folder.path / "body", [b"x"])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_beside_is_elsewhere(tmp_path: Path) -> None:
    with copy_folder(tmp_path / "none" / "spool") as folder:
        assert folder.path.is_dir()
        assert not folder.path.is_relative_to(tmp_path / "none")


async def test_ctrl_c_ends_nothing_here_and_is_as_before_afterwards(
    program: Path,
) -> None:
    before = signal.getsignal(signal.SIGINT)
    (program.parent / "my viewer").write_text("#!/bin/sh\nkill -INT $PPID\n")
    app = await opened(page, read(b"x"))
    assert app.came_back
    assert signal.getsignal(signal.SIGINT) is before


APP = """
from textual.app import App
from textual.widgets import Static
from mixtui.document.document import read
from mixtui.ui.widgets.screen import CommandScreen
from mixtui.ui.dialogs.external import page

class Screen(CommandScreen):
    BINDINGS = [("v", "view"), ("z", "stray"), ("n", "count")]
    strays = 0
    def compose(self):
        yield Static("ready")
    def action_view(self):
        self.run_guarded(page(self, read(b"the body")))
        self.set_timer(0.05, lambda: self.query_one(Static).update("went on"))
    def action_stray(self):
        self.strays += 1
    def action_count(self):
        self.query_one(Static).update(f"{self.strays} stray keys")

class Host(App, inherit_bindings=False):
    BINDINGS = [("q", "quit")]
    def get_default_screen(self):
        return Screen()

Host().run()
"""


def terminal(tmp_path: Path, pager: str) -> Terminal:
    script = tmp_path / "app.py"
    script.write_text(APP)
    path = tmp_path / "pager"
    path.write_text(pager)
    path.chmod(0o755)
    variables = {
        **clean_environment(tmp_path),
        "PAGER": str(path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return Terminal([sys.executable, str(script)], variables, tmp_path, (80, 24))


def test_a_pager_has_the_terminal_to_itself(tmp_path: Path) -> None:
    pager = (
        "#!/bin/sh\ntrap 'echo interrupted' INT\n"
        'cat "$1"\necho "in the pager"\n'
        'until read line; do :; done\necho "got $line"\nread line\n'
    )
    with terminal(tmp_path, pager) as screen:
        screen.wait_for("ready")
        screen.press("v")
        screen.wait_for("the body", "in the pager")
        screen.press("ctrl+c")
        screen.wait_for("interrupted")
        assert "went on" not in screen.text
        # The last line leaves the pager; what is typed behind it is for nobody.
        screen.type("hello\n")
        screen.wait_for("got hello")
        screen.type("\nzz")
        screen.wait_for("went on")
        screen.press("n")
        screen.wait_for("0 stray keys")
        screen.press("q")
        assert screen.wait_for_exit() == 0


def test_a_pager_that_fails_gives_the_terminal_back(tmp_path: Path) -> None:
    with terminal(tmp_path, "#!/nowhere\n") as screen:
        screen.wait_for("ready")
        screen.press("v")
        screen.wait_for("Cannot", "start")
        screen.press("q")
        assert screen.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("opener", "name"),
    [(page, "pager"), (open_copy, "editor")],
    ids=["pager", "editor"],
)
async def test_a_program_that_fails_is_reported(
    opener: Opener, name: str, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUS", "3")
    app = await opened(opener, read(b"{}"))
    assert app.messages == [f"The {name} exited with status 3."]
    assert app.came_back


async def test_an_editor_that_does_not_wait_keeps_the_file_that_it_shows(
    program: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "_AT_ONCE", 60.0)
    app = await opened(open_copy, read(b"{}"))
    (file,) = (path for path in temporary.rglob("*") if path.is_file())
    assert "--wait" in app.messages[0]
    assert str(file) in app.messages[0]
