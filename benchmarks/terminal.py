"""A program in its own pty, observed from outside.

A thread records the time at which each piece of output was read. The screen is built
later, piece by piece, so that its cost never affects a figure: a wait returns the time
of the piece that fulfilled it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from ptyprocess import PtyProcess

from benchmarks.escapes import XtermReplies, without_escapes
from benchmarks.keys import key
from benchmarks.processes import Usage, born, is_waiting, ran, tree, usage
from benchmarks.screen import Screen
from benchmarks.watch import Watch

CLOCK = time.monotonic
_SAMPLE_EVERY = 0.05
_PATIENCE = 5.0
_NO_CPU = 0.015
"""The part of a CPU that a program at rest uses at most, to look for keys."""


class Missed(Exception):
    """A program did not do something in time; the message says what."""


class Terminal:
    """An xterm with true colour, running a program.

    Args:
        argv: The command.
        env: The environment.
        folder: The working folder.
        cap: Bytes of memory above which it is killed.
        size: Columns and rows.
        modern: Whether it knows synchronized output, which marks frames.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        folder: Path,
        cap: int,
        size: tuple[int, int] = (120, 40),
        *,
        modern: bool = False,
    ) -> None:
        # The reader must get the GIL quickly while another thread builds the screen.
        sys.setswitchinterval(0.0005)
        columns, rows = size
        self.screen = Screen(columns, rows)
        self.chunks: list[tuple[float, bytes]] = []
        self.written = 0
        """Bytes the program wrote."""
        self.trouble = ""
        """Why the harness ended it."""
        self._cap = cap
        self._peak = 0
        self._cpu = 0.0
        self._parsed = 0
        self._exit: int | None = None
        self._watches: list[Watch] = []
        self._answers = XtermReplies(columns, rows, modern=modern)
        self._news = threading.Condition()
        self._end = threading.Event()
        self.started = CLOCK()
        self._process = PtyProcess.spawn(
            list(argv),
            cwd=str(folder),
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            dimensions=(rows, columns),
        )
        self._pid: int = self._process.pid
        self._fd: int = self._process.fd
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._sample, daemon=True).start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- threads

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                data = b""
            now = CLOCK()
            if not data:
                break
            self.chunks.append((now, data))
            self.written += len(data)
            with self._news:
                self._news.notify_all()
            if self._watches:
                text = without_escapes(data)
                for watch in self._watches:
                    watch.feed(now, text)
            if answer := self._answers.replies_to(data):
                with contextlib.suppress(OSError):
                    os.write(self._fd, answer)
        self._end.set()
        with self._news:
            self._news.notify_all()

    def _sample(self) -> None:
        while not self._end.wait(_SAMPLE_EVERY):
            seen = usage(self._pid)
            self._note(seen)
            if seen.rss > self._cap and not self.trouble:
                self.trouble = f"ended above {self._cap / 1e9:.0f} GB of memory"
                _kill(seen.pids, signal.SIGKILL)

    def _note(self, seen: Usage) -> None:
        self._peak = max(self._peak, seen.rss, seen.peak)
        self._cpu = max(self._cpu, seen.cpu)

    # --- input

    def press(self, *keys: str, gap: float = 0.0) -> float:
        """Press keys by name, or type a text; returns the time before the first.

        Raises:
            Missed: The program reads no input.
        """
        start = CLOCK()
        for number, name in enumerate(keys):
            if number and gap:
                time.sleep(gap)
            data = key(name).encode()
            while data:
                if not select.select([], [self._fd], [], _PATIENCE)[1]:
                    raise Missed("it does not read its input")
                data = data[os.write(self._fd, data) :]
        return start

    def watch(self, text: str) -> Watch:
        """Start looking for a text in the output."""
        watch = Watch(text)
        self._watches.append(watch)
        return watch

    # --- output

    def skip(self) -> None:
        """Feed all output so far to the screen, without checking it."""
        while self._parsed < len(self.chunks):
            self._parse()

    def text(self) -> str:
        """Return the current screen."""
        self.skip()
        return "\n".join(line.rstrip() for line in self.screen.lines())

    def steps(
        self, timeout: float, quiet: float | None = None
    ) -> Iterator[tuple[float, set[int]]]:
        """Yield the time and changed rows of each piece of output.

        Ends after `timeout` seconds, or after `quiet` seconds without output.
        """
        deadline = CLOCK() + timeout
        last = CLOCK()
        while True:
            while self._parsed < len(self.chunks):
                if self.chunks[self._parsed][0] > deadline:
                    return
                step = self._parse()
                last = max(last, step[0])
                yield step
            now = CLOCK()
            limit = deadline if quiet is None else min(deadline, last + quiet)
            if now >= limit or self._end.is_set():
                return
            with self._news:
                if self._parsed >= len(self.chunks):
                    self._news.wait(min(0.5, limit - now))

    def wait_for(self, what: str | Callable[[Screen], bool], timeout: float) -> float:
        """Wait until the screen contains a text or fulfils a condition; returns when.

        Raises:
            Missed: It does not happen in time, or the program ends.
        """
        holds = (lambda screen: screen.shows(what)) if isinstance(what, str) else what
        if self._parsed and holds(self.screen):
            return self.chunks[self._parsed - 1][0]
        for time_read, dirty in self.steps(timeout):
            if dirty and holds(self.screen):
                return time_read
        if self._end.is_set():
            raise Missed(self.trouble or f"it ended with {self.status()}")
        raise Missed(f"no {what!r} in {timeout:.0f} s")

    def wait_quiet(self, quiet: float = 0.4, timeout: float = 5.0) -> None:
        """Wait until there has been no output for some time."""
        for _ in self.steps(timeout, quiet):
            pass

    def wait_idle(self, timeout: float = 60.0, quiet: float = 0.4) -> float:
        """Wait until there is no output and little CPU use; returns the time of the
        last output.

        Silence alone does not mean idle: a program that computes for a second is silent
        too.

        Raises:
            Missed: It is still busy after `timeout` seconds.
        """
        deadline = CLOCK() + timeout
        while CLOCK() < deadline and not self._end.is_set():
            cpu, start = usage(self._pid).cpu, CLOCK()
            for _ in self.steps(quiet):
                pass
            still = not self.chunks or self.chunks[-1][0] < start
            if still and usage(self._pid).cpu - cpu < 0.25 * (CLOCK() - start):
                return self.chunks[-1][0] if self.chunks else self.started
        raise Missed(f"not at rest within {timeout:.0f} s")

    def wait_rest(
        self, quiet: float = 0.7, timeout: float = 60.0, elsewhere: int = 0
    ) -> None:
        """Wait until it has written and computed nothing for `quiet` seconds.

        Holds on a busy machine too, where a program that waits for its turn is silent.

        Args:
            quiet: Seconds.
            timeout: Seconds.
            elsewhere: The process that has the program as a descendant, if this
                terminal's own process only connects to it.

        Raises:
            Missed: It still does after `timeout` seconds.
        """
        deadline, root = CLOCK() + timeout, elsewhere or self._pid
        while CLOCK() < deadline and not self._end.is_set():
            cpu, written, start = ran(root), self.written, CLOCK()
            for _ in self.steps(quiet):
                if CLOCK() - start > quiet / 20:
                    break  # measure silence from here
            silent = self.written == written and ran(root) - cpu < _NO_CPU * quiet
            if silent and is_waiting(root):
                return
        raise Missed(self.trouble or f"not at rest within {timeout:.0f} s")

    def _parse(self) -> tuple[float, set[int]]:
        time_read, data = self.chunks[self._parsed]
        self._parsed += 1
        return time_read, self.screen.feed(data)

    # --- figures

    def bytes_between(self, start: float, end: float = float("inf")) -> int:
        """Return the bytes written between two times."""
        return sum(
            len(data) for time_read, data in self.chunks if start <= time_read < end
        )

    def usage(self) -> Usage:
        """Return the usage; the peak is that of the process tree so far."""
        seen = usage(self._pid)
        self._note(seen)
        return Usage(seen.rss, self._peak, self._cpu, seen.pids)

    def ran(self) -> float:
        """Return the CPU seconds of its threads, more precise than `usage`."""
        return ran(self._pid)

    def status(self) -> int | None:
        """Return None while it runs, else its exit status (negative: a signal)."""
        if self._exit is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._exit = os.waitstatus_to_exitcode(status)
                self._process.terminated = True
        return self._exit

    # --- the end

    def close(self, *quit_keys: str, grace: float = 2.0) -> None:
        """End it by its keys, then by signals; only processes of its own tree."""
        mine = [(pid, born(pid)) for pid in tree(self._pid)][1:]
        if quit_keys and self.status() is None:
            with contextlib.suppress(OSError, Missed):
                self.press(*quit_keys, gap=0.15)
            self._gone(grace)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.status() is None:
                _kill([self._pid], number)
                self._gone(grace)
        _kill((p for p, start in mine if start and born(p) == start), signal.SIGKILL)
        if self._end.wait(grace) and not self._process.closed:
            # Through the object that owns the descriptor: its number may by then
            # belong to another pty.
            with contextlib.suppress(OSError):
                self._process.fileobj.close()
            self._process.closed = True
            self._process.fd = -1

    def _gone(self, wait: float) -> None:
        end = CLOCK() + wait
        while self.status() is None and CLOCK() < end:
            time.sleep(0.02)


def _kill(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)
