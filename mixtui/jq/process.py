"""Run filters in a child process that can be killed at any moment.

A jq program may run forever, and inside this process nothing could stop it. The child
is reused: filtering while typing starts no new process. It gets almost no environment
variables, because a program can read them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mixtui.jq.filter import Failure, Filtered, compile_error, notice, run_error
from mixtui.model.errors import FilterError, FilterStopped
from mixtui.text import duration, size

_CHILD = Path(__file__).with_name("worker.py")
_PASSED = ("TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables passed to the child: for jq's local times, and for Python to start."""
_STOPPED = "The filter was stopped."
_DAMAGED = "Bytes that are not UTF-8 were read as �."


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a filter."""

    memory: int = 4_000_000_000
    """Bytes; at most half of the machine's memory."""
    output: int = 200_000_000
    """Bytes of results."""
    seconds: int = 600
    """CPU seconds."""


class _Child:
    """A process that holds the body and runs one program at a time."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.orders = process.stdin
        self.reports = process.stdout
        self.busy = False
        self.stopped = False
        """From here."""
        self.gone = asyncio.Event()
        self._process = process
        self._complaints = process.stderr

    def stop(self) -> None:
        """Kill it; the task that awaits its report reaps it."""
        self.stopped = True
        self._kill()

    async def reap(self) -> tuple[int, bytes]:
        """Kill it and clean up; returns its status and stderr."""
        self._kill()
        self.orders.close()
        try:
            await self.reports.read()
            complaints = await self._complaints.read()
            return await self._process.wait(), complaints
        finally:
            self.gone.set()

    def _kill(self) -> None:
        # asyncio's own kill reads the status first, and takes it from its watcher.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)


class FilterProcess:
    """Filters one body; bound to the event loop of its first use."""

    def __init__(
        self,
        body: bytes | Path,
        *,
        limits: Limits = Limits(),
        folder: Path | None = None,
    ) -> None:
        """Prepare a filter; no process is started yet.

        Args:
            body: The body to filter: JSON documents, or JSON lines.
            limits: Resource limits of a filter.
            folder: A private folder for large results; None = a temporary one.
        """
        self._body = body
        self._limits = limits
        self._parent = folder
        self._folder: Path | None = None
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._turn = 0
        """Grows with each run and each stop."""

    async def check(self, program: str) -> None:
        """Compile a program without running it.

        Raises:
            FilterError: It does not compile.
        """
        await self._report(program, only_check=True)

    async def run(self, program: str) -> Filtered:
        """Run a program; a running one is stopped first.

        Raises:
            FilterError: It does not compile, produces only errors, or exceeds a limit.
            FilterStopped: `stop`, `close` or a newer program interrupted it.
        """
        report, content, output = await self._report(program, only_check=False)
        first = report["first_failure"]
        failure = None
        if first is not None:
            failure = Failure(first["at"], first["words"], "json" not in first)
        records, in_lines = report["records"], report["in_lines"]
        if failure is not None and not report["count"]:
            raise run_error(failure, records, in_lines)
        more = [_DAMAGED] if report["damaged"] else []
        if report["full"]:
            most = size(self._limits.output)
            more.append(f"Only the first {most} of the results are here.")
        return Filtered(
            output if report["in_file"] else content,
            report["count"],
            notice(failure, report["failures"], records, in_lines, tuple(more)),
        )

    def stop(self) -> None:
        """Stop the running program, if any; returns at once."""
        self._turn += 1
        child = self._child
        if child is not None and child.busy:
            self._child = None
            child.stop()

    async def close(self) -> None:
        """Stop everything, and remove all result files."""
        child = self._child
        self.stop()
        if child is not None and child.busy:
            await child.gone.wait()
        async with self._starting:
            child, self._child = self._child, None
        if child is not None:
            await child.reap()
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _report(
        self, program: str, *, only_check: bool
    ) -> tuple[dict[str, Any], bytes, Path]:
        """Return the child's report about a program, and its results or their file."""
        if "\0" in program:
            index = program.index("\0")
            raise FilterError("A filter holds no NUL character.", 1, index + 1)
        self.stop()
        turn = self._turn
        child = await self._ready()
        if turn != self._turn:
            raise FilterStopped(_STOPPED)
        output = self._output_folder() / f"{turn}.json"
        order = {
            "program": program,
            "only_check": only_check,
            "output": str(output),
            "limit": self._limits.output,
            "seconds": self._limits.seconds,
        }
        report, content = await self._request(child, order)
        if mistake := report.get("mistake"):
            raise compile_error(mistake, program)
        if reason := report.get("io"):
            raise FilterError(
                f"The body could not be read, or the results not written: {reason}."
            )
        return report, content, output

    async def _request(
        self, child: _Child, order: dict[str, Any]
    ) -> tuple[dict[str, Any], bytes]:
        child.busy = True
        try:
            child.orders.write(json.dumps(order).encode() + b"\n")
            await child.orders.drain()
            report: dict[str, Any] = json.loads(await child.reports.readuntil(b"\n"))
            content = await child.reports.readexactly(report["length"])
            child.busy = False
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._ended(child) from None
        finally:
            if child.busy and not child.gone.is_set():
                self._forget(child)
                await child.reap()
        if report.get("memory"):
            self._forget(child)
            await child.reap()
            raise self._too_large()
        return report, content

    async def _ended(self, child: _Child) -> FilterError:
        """Return why the child has exited."""
        self._forget(child)
        status, complaints = await child.reap()
        if child.stopped:
            return FilterStopped(_STOPPED)
        if status == -signal.SIGXCPU:
            most = duration(self._limits.seconds)
            return FilterError(f"The filter was stopped: it computed for {most}.")
        if b"cannot allocate memory" in complaints or b"MemoryError" in complaints:
            return self._too_large()
        return FilterError(f"The filter broke jq itself (it ended with {status}).")

    def _too_large(self) -> FilterError:
        most = size(self._memory())
        return FilterError(
            f"The filter was stopped: it needed more memory than {most}."
        )

    def _forget(self, child: _Child) -> None:
        if self._child is child:
            self._child = None

    def _memory(self) -> int:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return min(self._limits.memory, machine // 2)

    def _output_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="mixtui-", dir=self._parent))
        return self._folder

    async def _ready(self) -> _Child:
        """Return the child, started if necessary.

        Raises:
            FilterError: It cannot be started.
        """
        async with self._starting:
            if self._child is None:
                self._child = await self._started()
            return self._child

    async def _started(self) -> _Child:
        library = find_spec("jq")
        if library is None or library.origin is None:
            raise FilterError("There is no jq library: install the Python package jq.")
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", str(_CHILD), str(Path(library.origin).parent)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env={name: os.environ[name] for name in _PASSED if name in os.environ},
            )
        except OSError as error:
            raise FilterError(f"No filter can run: {error.strerror}.") from None
        child = _Child(process)
        path, content = None, b""
        if isinstance(self._body, bytes):
            content = self._body
        else:
            path = str(self._body.absolute())
        start = {"memory": self._memory(), "path": path, "length": len(content)}
        child.orders.write(json.dumps(start).encode() + b"\n" + content)
        return child
