"""What work in a thread shares with whoever waits for it, and the working folder."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from mixtui import folders
from mixtui.system import (
    Cancelled,
    CancelToken,
    absolute,
    real_path,
    run_for,
    working_folder,
)
from mixtui.ui.widgets.screen import run_in_thread


def test_a_token_lets_work_go_on_until_it_is_cancelled() -> None:
    token = CancelToken()
    assert not token.cancelled
    token.raise_if_cancelled()
    token.cancel()
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()


def test_a_checkpoint_shows_how_far_the_work_is() -> None:
    token = CancelToken()
    assert token.fraction == 0
    token.checkpoint(1, 4)
    assert token.fraction == 0.25
    token.checkpoint(0, 0)  # There is nothing to do.
    assert token.fraction == 1


def test_cancelled_work_ends_at_its_next_checkpoint_and_stays_as_far_as_it_was() -> (
    None
):
    token = CancelToken()
    token.checkpoint(1, 4)
    token.cancel()
    with pytest.raises(Cancelled):
        token.checkpoint(2, 4)
    assert token.fraction == 0.25


def test_each_token_is_its_own() -> None:
    first, second = CancelToken(), CancelToken()
    first.checkpoint(1, 2)
    first.cancel()
    assert (second.cancelled, second.fraction) == (False, 0)


def test_a_cancelled_token_calls_back_once() -> None:
    token, calls = CancelToken(), list[str]()
    with (
        token.on_cancel(lambda: calls.append("first")),
        token.on_cancel(lambda: calls.append("second")),
    ):
        token.cancel()
        token.cancel()
    assert calls == ["first", "second"]


def test_a_token_cancelled_before_calls_back_at_once() -> None:
    token, calls = CancelToken(), list[int]()
    token.cancel()
    with token.on_cancel(lambda: calls.append(1)):
        assert calls == [1]
    assert calls == [1]


def test_nothing_is_called_back_after_its_block() -> None:
    token, calls = CancelToken(), list[int]()
    with token.on_cancel(lambda: calls.append(1)):
        pass
    token.cancel()
    assert calls == []


async def test_a_token_wakes_a_task_from_another_thread() -> None:
    token, woken = CancelToken(), asyncio.Event()
    loop = asyncio.get_running_loop()
    with token.on_cancel(lambda: loop.call_soon_threadsafe(woken.set)):
        await asyncio.to_thread(token.cancel)
        await woken.wait()


async def test_work_in_a_thread_gives_its_result_or_its_error() -> None:
    assert await run_in_thread(lambda: 7, CancelToken()) == 7
    with pytest.raises(ZeroDivisionError):
        await run_in_thread(lambda: 1 // 0, CancelToken())


async def test_work_in_a_thread_is_cancelled_with_its_caller() -> None:
    token, ended = CancelToken(), threading.Event()
    started, loop = asyncio.Event(), asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(started.set)
        try:
            while True:
                token.raise_if_cancelled()
        finally:
            ended.set()

    task = asyncio.create_task(run_in_thread(work, token))
    await started.wait()
    assert not token.cancelled
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10)


def test_steps_are_taken_until_the_time_is_over_and_resumed_later() -> None:
    steps = iter(range(3))
    assert not run_for(steps, -1)
    assert not run_for(steps, -1)
    assert run_for(steps, 60)
    assert run_for(steps, 60)


def test_the_working_folder_is_known_after_it_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert working_folder() == folder
    folder.rmdir()
    assert working_folder() == folder
    assert absolute(Path("a")) == folder / "a"
    assert real_path(Path("a/../b")) == folder / "b"
    assert absolute(Path("/a")) == Path("/a")
    monkeypatch.setattr(folders, "_working_folder", None)
    with pytest.raises(FileNotFoundError):
        working_folder()
