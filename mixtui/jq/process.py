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
import signal
import sys
from asyncio.subprocess import PIPE, Process
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from mixtui.jq.filter import (
    FilterResult,
    RecordFailure,
    compile_error,
    incomplete_notice,
    run_error,
)
from mixtui.model.errors import ExitStatus, FilterError, FilterStopped
from mixtui.system import absolute
from mixtui.temporary import TemporaryFolder
from mixtui.text import duration, size

_WORKER = Path(__file__).with_name("worker.py")
_INHERITED_VARIABLES = ("TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Environment variables of the child: for jq's local times, and for Python to start."""
_STOPPED = "The filter was cancelled."
_INVALID_UTF8 = "Bytes that are not UTF-8 were read as �."


class Limits(Struct, frozen=True):
    """Resource limits of a filter."""

    memory: int = 4_000_000_000
    """Bytes; at most half of the machine's memory."""
    output: int = 200_000_000
    """Bytes of results."""
    seconds: int = 600
    """CPU seconds."""


_LIMITS = Limits()


class _Worker:
    """A process that holds the body and runs one program at a time."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.orders = process.stdin
        self.reports = process.stdout
        self.busy = False
        self.is_stopped = False
        """Whether `stop` killed it, rather than a limit or jq itself."""
        self.exited = asyncio.Event()
        self._process = process
        self._stderr = process.stderr

    def stop(self) -> None:
        """Kill it; the task that awaits its report will reap it."""
        self.is_stopped = True
        self._kill()

    async def reap(self) -> tuple[int, bytes]:
        """Kill it and clean up; return its exit status and stderr."""
        self._kill()
        self.orders.close()
        try:
            await self.reports.read()
            stderr = await self._stderr.read()
            return await self._process.wait(), stderr
        finally:
            self.exited.set()

    def _kill(self) -> None:
        # Process.kill() polls for the exit status first, which the watcher then misses.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)


class FilterProcess:
    """Filters one body; bound to the event loop of its first use."""

    def __init__(
        self,
        body: bytes | Path,
        *,
        limits: Limits = _LIMITS,
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
        self._parent_folder = folder
        self._folder: TemporaryFolder | None = None
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()
        self._run_number = 0
        """Incremented by each run and each stop, which outdate earlier runs."""

    async def check(self, program: str) -> None:
        """Compile a program without running it.

        Raises:
            FilterError: It does not compile.
        """
        await self._execute(program, only_check=True)

    async def run(self, program: str) -> FilterResult:
        """Run a program; a running one is stopped first.

        Raises:
            FilterError: It does not compile, produces only errors, or exceeds a limit.
            FilterStopped: `stop`, `close` or a newer program interrupted it.
        """
        report, content, output = await self._execute(program, only_check=False)
        first_failure = report["first_failure"]
        failure = None
        if first_failure is not None:
            failure = RecordFailure(
                first_failure["position"],
                first_failure["message"],
                "invalid_json" not in first_failure,
            )
        records, in_lines = report["records"], report["in_lines"]
        if failure is not None and not report["count"]:
            raise run_error(failure, records, in_lines)
        notices = [_INVALID_UTF8] if report["has_invalid_utf8"] else []
        if report["is_full"]:
            limit = size(self._limits.output)
            notices.append(f"Only the first {limit} of the results are shown.")
        exit_status = ExitStatus.ACCEPTED
        if report["failures"] > report["invalid_records"]:
            exit_status = ExitStatus.USAGE
        elif report["failures"] or report["is_full"]:
            exit_status = ExitStatus.NO_RESPONSE
        return FilterResult(
            output if report["in_file"] else content,
            report["count"],
            incomplete_notice(
                failure, report["failures"], records, in_lines, tuple(notices)
            ),
            exit_status,
        )

    def stop(self) -> None:
        """Stop the running program, if any; returns at once."""
        self._run_number += 1
        worker = self._worker
        if worker is not None and worker.busy:
            self._worker = None
            worker.stop()

    async def close(self) -> None:
        """Stop everything, and remove all result files."""
        worker = self._worker
        self.stop()
        if worker is not None and worker.busy:
            await worker.exited.wait()
        async with self._starting:
            worker, self._worker = self._worker, None
        if worker is not None:
            await worker.reap()
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(folder.remove)

    async def _execute(
        self, program: str, *, only_check: bool
    ) -> tuple[dict[str, Any], bytes, Path]:
        """Execute a program; return the child's report, the results, and the path of their file.

        The results are in the file if the report says so (``in_file``).
        """
        if "\0" in program:
            index = program.index("\0")
            raise FilterError("Filters cannot contain NUL characters.", 1, index + 1)
        self.stop()
        run_number = self._run_number
        worker, folder = await self._ensure_worker()
        if run_number != self._run_number:
            raise FilterStopped(_STOPPED)
        output = folder / f"{run_number}.json"
        order = {
            "program": program,
            "only_check": only_check,
            "output": str(output),
            "limit": self._limits.output,
            "seconds": self._limits.seconds,
        }
        report, content = await self._send_order(worker, order)
        if error := report.get("compile_error"):
            raise compile_error(error, program)
        if reason := report.get("io_error"):
            raise FilterError(f"Cannot read the body or write the results: {reason}.")
        return report, content, output

    async def _send_order(
        self, worker: _Worker, order: dict[str, Any]
    ) -> tuple[dict[str, Any], bytes]:
        worker.busy = True
        try:
            worker.orders.write(json.dumps(order).encode() + b"\n")
            await worker.orders.drain()
            report: dict[str, Any] = json.loads(await worker.reports.readuntil(b"\n"))
            content = await worker.reports.readexactly(report["length"])
            worker.busy = False
        except (ConnectionError, asyncio.IncompleteReadError):
            raise await self._exit_error(worker) from None
        finally:
            if worker.busy and not worker.exited.is_set():
                self._forget(worker)
                await worker.reap()
        if report.get("memory"):
            self._forget(worker)
            await worker.reap()
            raise self._memory_error()
        return report, content

    async def _exit_error(self, worker: _Worker) -> FilterError:
        """Reap a child that has exited; return the reason as an error."""
        self._forget(worker)
        status, stderr = await worker.reap()
        if worker.is_stopped:
            return FilterStopped(_STOPPED)
        if status == -signal.SIGXCPU:
            limit = duration(self._limits.seconds)
            return FilterError(f"The filter was stopped: it ran for {limit}.")
        if b"cannot allocate memory" in stderr or b"MemoryError" in stderr:
            return self._memory_error()
        return FilterError(f"The filter crashed jq (exit status {status}).")

    def _memory_error(self) -> FilterError:
        limit = size(self._memory_limit())
        return FilterError(
            f"The filter was stopped: it needed more memory than {limit}."
        )

    def _forget(self, worker: _Worker) -> None:
        if self._worker is worker:
            self._worker = None

    def _memory_limit(self) -> int:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return min(self._limits.memory, machine // 2)

    async def _ensure_worker(self) -> tuple[_Worker, Path]:
        """Return the child and the folder of its results; make both if necessary.

        Raises:
            FilterError: It cannot be started.
        """
        async with self._starting:
            if self._folder is None:
                parent = self._parent_folder
                try:
                    self._folder = await asyncio.to_thread(TemporaryFolder, parent)
                except OSError as error:
                    raise FilterError(
                        f"Cannot run filters: {error.strerror}."
                    ) from None
            if self._worker is None:
                self._worker = await self._start_worker()
            return self._worker, self._folder.path

    async def _start_worker(self) -> _Worker:
        library = find_spec("jq")
        if library is None or library.origin is None:
            raise FilterError("jq is not installed: install the Python package jq.")
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", str(_WORKER), str(Path(library.origin).parent)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                cwd="/",  # jq looks for modules in the current folder: nobody's here.
                env={
                    name: os.environ[name]
                    for name in _INHERITED_VARIABLES
                    if name in os.environ
                },
            )
        except OSError as error:
            raise FilterError(f"Cannot run filters: {error.strerror}.") from None
        worker = _Worker(process)
        path, content = None, b""
        if isinstance(self._body, bytes):
            content = self._body
        else:
            path = str(absolute(self._body))
        setup = {"memory": self._memory_limit(), "path": path, "length": len(content)}
        worker.orders.write(json.dumps(setup).encode() + b"\n" + content)
        return worker
