"""The log: private, rotated by several programs, and masked as a whole."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from mixtui import log
from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.secrets import Secret
from mixtui.storage.crash_report import crash_reports, report_crash
from mixtui.storage.log_file import (
    MAX_OLD,
    Log,
    LogFile,
    log_level,
    log_path,
    open_log,
)
from mixtui.storage.paths import state_dir
from tests.processes import run_at_once
from tests.secrets.searcher import find, secret

PLANTED = f"{secret('log')}/ ü"


@pytest.fixture(autouse=True)
def _nothing_is_collected() -> Iterator[None]:
    """Let no task of another test be collected here: asyncio would report it to these logs."""
    gc.disable()
    yield
    gc.enable()


@contextmanager
def opened(state: Path, level: int = log.DEBUG) -> Iterator[Log]:
    """Turn the log on for a while."""
    logged = Log(level, state)
    try:
        yield logged
    finally:
        logged.close()


def lines(state: Path) -> list[str]:
    return log_path(state).read_text("utf-8").splitlines()


def test_nothing_is_written_unless_it_is_on(tmp_path: Path) -> None:
    assert open_log("", tmp_path) is None
    assert open_log("off", tmp_path) is None
    log.error("nobody reads %s", "this")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "level"),
    [("error", log.ERROR), ("INFO", log.INFO), (" debug ", log.DEBUG)],
)
def test_a_level_is_named(name: str, level: int) -> None:
    assert log_level(name) == level


def test_a_name_that_is_not_a_level_is_an_error_that_lists_them() -> None:
    with pytest.raises(SettingsError) as caught:
        log_level("debgu")
    assert str(caught.value) == (
        "MIXTUI_LOG must be one of error, info, debug, off, not “debgu”. "
        "Did you mean debug?"
    )


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (log.ERROR, ["ERROR"]),
        (log.INFO, ["INFO", "ERROR"]),
        (log.DEBUG, ["DEBUG", "INFO", "ERROR"]),
    ],
)
def test_records_below_the_level_are_not_written(
    tmp_path: Path, level: int, expected: list[str]
) -> None:
    with opened(tmp_path, level):
        log.debug("a")
        log.info("b %s", 1)
        log.error("c")
    assert [line.split()[2] for line in lines(tmp_path)] == expected
    log.error("after it was closed")
    assert len(lines(tmp_path)) == len(expected)


def test_a_record_has_time_process_level_and_text(tmp_path: Path) -> None:
    with opened(tmp_path):
        log.info("request %d: %s", 3, "GET")
    (line,) = lines(tmp_path)
    moment, process, level, name, *text = line.split()
    assert (len(moment), moment[-1], process) == (24, "Z", str(os.getpid()))
    assert (level, name, " ".join(text)) == ("INFO", "mixtui:", "request 3: GET")


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_the_file_its_older_ones_and_the_folder_are_private(tmp_path: Path) -> None:
    old_mask = os.umask(0)
    try:
        logged = Log(log.INFO, tmp_path, max_bytes=300)
        for number in range(20):
            log.info("record %d", number)
        logged.close()
    finally:
        os.umask(old_mask)
    folder = log_path(tmp_path).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}
    assert len(list(folder.iterdir())) == MAX_OLD + 1
    assert all(path.stat().st_size <= 300 for path in folder.iterdir())


def handler(path: Path, max_bytes: int) -> LogFile:
    file = LogFile(path, max_bytes)
    file.setFormatter(logging.Formatter("%(message)s"))
    return file


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("mixtui", logging.INFO, "", 0, text, None, None)


def test_programs_that_share_the_file_lose_no_record_when_one_rotates_it(
    tmp_path: Path,
) -> None:
    path = log_path(tmp_path)
    programs = [handler(path, 400) for _ in range(3)]
    written = [f"record {number:03}" for number in range(90)]
    for number, text in enumerate(written):
        programs[number % 3].emit(record(text))
    for each in programs:
        each.close()
    files = [path, *(path.with_name(f"mixtui.log.{n}") for n in range(1, MAX_OLD + 1))]
    read = [
        line
        for file in reversed(files)
        if file.exists()
        for line in file.read_text().split("\n")
    ]
    assert [line for line in read if line] == written


def write_at_once(number: int, state: str) -> int:
    """Write 100 records: for a process of its own."""
    logged = Log(log.INFO, Path(state), max_bytes=20_000)
    for count in range(100):
        log.info("record %d of %d", count, number)
    logged.close()
    return 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that start at once")
def test_ten_processes_write_and_rotate_one_log(tmp_path: Path) -> None:
    assert set(run_at_once(write_at_once, 10, str(tmp_path))) == {0}
    folder = log_path(tmp_path).parent
    texts = [path.read_text() for path in folder.iterdir()]
    assert len(texts) > 1
    written = [line.partition(": ")[2] for text in texts for line in text.splitlines()]
    # Up to four files of 20,000 bytes hold all of about 65,000.
    expected = [f"record {count} of {n}" for n in range(10) for count in range(100)]
    assert sorted(written) == sorted(expected)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda file: os.rename(file.parent, file.parent.with_name("gone")),
        lambda file: (file.unlink(), file.mkdir()),
        lambda file: (file.unlink(), file.symlink_to("/dev/full")),
    ],
    ids=["no folder", "a folder in its place", "a link"],
)
def test_a_file_that_cannot_be_written_later_stops_nothing(
    tmp_path: Path,
    break_it: Callable[[Path], object],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with opened(tmp_path) as logged:
        log.info("before")
        # Its thread may make the file anew between the two steps of a break.
        logged.flush()
        break_it(log_path(tmp_path))
        for _ in range(3):
            log.info("after")
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with opened(tmp_path) as logged:
        full = open("/dev/full", "w")  # noqa: SIM115
        monkeypatch.setattr(logged._file, "_is_current", lambda: True)
        stream, logged._file.stream = logged._file.stream, full  # type: ignore[assignment]
        log.info("lost")
        logged.flush()
        logged._file.stream = stream
        log.info("there is space again")
    assert len(lines(tmp_path)) == 1
    monkeypatch.undo()
    full_error = capfd.readouterr()
    assert full_error == ("", "")
    with suppress(OSError):
        full.close()


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    log_path(tmp_path).mkdir(parents=True)
    with pytest.raises(StorageError, match=r"The log .* cannot be written: Is a dir"):
        Log(log.INFO, tmp_path)
    assert not log.is_on(log.ERROR)


FORMS = [
    PLANTED,
    quote(PLANTED, safe=""),
    base64.b64encode(PLANTED.encode()).decode(),
    json.dumps(PLANTED),
    repr(PLANTED.encode()),
    base64.b64encode(f"user:{PLANTED}".encode()).decode(),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["mixtui", "httpx", "httpcore.http11", "asyncio"])
def test_a_known_secret_is_masked_in_every_form_and_of_every_library(
    tmp_path: Path, name: str, form: str
) -> None:
    with opened(tmp_path):
        log.know([Secret(PLANTED)])
        if name == "mixtui":
            log.info("x=%s&y", form)
        else:
            logging.getLogger(name).error("x=%s&y", form)
    (line,) = lines(tmp_path)
    assert form not in line
    assert not find(line)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "httpcore.connection",
            "connect_tcp.started host='eu.mixpanel.com' port=443 local_address=None",
            "connect_tcp.started host='eu.mixpanel.com' port=443",
        ),
        (
            "httpcore.http11",
            "receive_response_headers.complete return_value=(b'HTTP/1.1', 200, b'OK', "
            "[(b'Set-Cookie', b'session=typed'), (b'X', b'typed')])",
            "receive_response_headers.complete 200",
        ),
        (
            "httpcore.connection",
            "connect_tcp.failed exception=ConnectError('typed')",
            "connect_tcp.failed exception=ConnectError",
        ),
        (
            "httpcore.http11",
            "send_request_headers.started request=<Request [b'typed']>",
            "send_request_headers.started",
        ),
        (
            "asyncio",
            "Task exception was never retrieved\nfuture: <Task exception=KeyError('typed')>",
            "Task exception was never retrieved",
        ),
        (
            "httpx",
            "HTTP Request: GET http://u:typed@host/",
            "HTTP Request: GET http://••••••@host/",
        ),
        ("httpx", "one\r\ntwo\x1b[2J", "one␍␊two␛[2J"),
    ],
)
def test_libraries_are_repeated_without_what_a_request_holds(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    with opened(tmp_path):
        logging.getLogger(name).error(text)
    (line,) = lines(tmp_path)
    assert line.partition(f"{name}: ")[2] == expected


def test_an_exception_is_named_by_its_type_and_place(tmp_path: Path) -> None:
    with opened(tmp_path):
        try:
            raise KeyError("typed")
        except KeyError:
            logging.getLogger("asyncio").exception("It failed")
    (line,) = lines(tmp_path)
    assert line.endswith(
        "asyncio: It failed (KeyError in test_log_file.py, line "
        + line[-5:].split()[-1]
    )
    assert "typed" not in line


def test_the_variables_of_the_process_that_hold_secrets_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MP_SECRET", PLANTED)
    with opened(tmp_path):
        log.info("%s", PLANTED)
    assert not find(lines(tmp_path)[0])


def test_libraries_are_heard_only_at_the_level_debug(tmp_path: Path) -> None:
    with opened(tmp_path, log.INFO):
        logging.getLogger("httpx").error("x")
    with opened(tmp_path, log.DEBUG):
        logging.getLogger("httpx").info("y")
    logging.getLogger("httpx").error("z")
    assert [line[-1] for line in lines(tmp_path)] == ["y"]


async def test_a_slow_disk_does_not_block_the_event_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as logged:
        wrote = asyncio.Event()
        loop = asyncio.get_running_loop()
        emit = logged._file.emit

        def emit_when_allowed(record: logging.LogRecord) -> None:
            # Waits for the event loop, which would wait for it if it wrote itself.
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(20)
            emit(record)
            loop.call_soon_threadsafe(wrote.set)

        monkeypatch.setattr(logged._file, "emit", emit_when_allowed)
        log.info("x")
        await wrote.wait()
    assert len(lines(tmp_path)) == 1


async def fail_with_secrets(typed: str) -> None:
    """Raise a group of chained exceptions, with secrets in all that an exception holds."""
    try:
        raise KeyError(typed)
    except KeyError as error:
        error.add_note(typed)
        causes = [OSError(2, typed, f"/home/{typed}"), ValueError({typed: typed})]
        group = ExceptionGroup(typed, causes)
        raise group from RuntimeError(typed)


async def end_badly() -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(fail_with_secrets(PLANTED), name=PLANTED)
    await asyncio.wait([task])
    error = task.exception()
    assert isinstance(error, ExceptionGroup)
    context = {"message": f"failed\n{PLANTED}", "exception": error, "task": task}
    loop.call_exception_handler(context)
    report_crash(error, state_dir())


@pytest.mark.parametrize("level", [log.ERROR, log.DEBUG])
def test_no_part_of_an_exception_or_a_task_is_in_a_crash_report_or_the_log(
    level: int,
) -> None:
    with opened(state_dir(), level):
        asyncio.run(end_badly())
    (report,) = crash_reports(state_dir())
    text = report.read_text("utf-8")
    for kind in ("RuntimeError", "FileNotFoundError", "ValueError", "ExceptionGroup"):
        assert kind in text
    assert "internal error: " in "\n".join(lines(state_dir()))
    for written in (text, *lines(state_dir())):
        assert not find(written)
        assert "/home/" not in written
