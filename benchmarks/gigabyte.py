"""A raw export of 1 GB: as a response that is written to a file, and as a job."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from benchmarks.bench import MB, Bench, Figures, Measurement, is_command, is_ours
from benchmarks.drivers import Mixtui
from benchmarks.processes import cpu_of_children, usage
from benchmarks.programs import Command
from benchmarks.terminal import CLOCK, Missed

GIGABYTE = "1 GB of JSON lines"
EXPORTS = {"1 GB to JSON lines": "ndjson", "1 GB to Parquet": "parquet"}
"""What `mixtui events export` writes, and the end of its name."""


def _save(bench: Bench, program: Command, case: str) -> Figures:
    size = bench.plan.size("1 GB")
    url = program.url(bench.server.base, f"/export?bytes={size}")
    with bench.home(program) as home:
        file = home / "export.ndjson"
        before = cpu_of_children()
        seconds, peak = _run(
            program.save(url, file), program.env(home), home, file, size
        )
        cpu = cpu_of_children() - before
    return {"seconds": seconds, "cpu": cpu, "peak": peak / MB}


def _export(bench: Bench, program: Mixtui, case: str) -> Figures:
    size, suffix = bench.plan.size("1 GB"), EXPORTS[case]
    with bench.home(program) as home:
        file = home / f"export.{suffix}"
        before = cpu_of_children()
        seconds, peak = _run(
            program.exporting(file, size),
            program.env(home),
            home,
            file,
            # A table is compressed.
            size if suffix == "ndjson" else 1,
        )
        cpu = cpu_of_children() - before
    return {"seconds": seconds, "cpu": cpu, "peak": peak / MB}


def _run(
    command: list[str], env: dict[str, str], folder: Path, file: Path, size: int
) -> tuple[float, int]:
    """Return seconds and peak bytes of a command; the file it writes is removed.

    Args:
        command: What to run.
        env: Its environment.
        folder: Where it runs.
        file: What it writes.
        size: The fewest bytes of that.
    """
    start = CLOCK()
    process = subprocess.Popen(
        command, env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    with Peak(process.pid) as peak:
        message = process.communicate()[1].decode(errors="replace")
        seconds = CLOCK() - start
    if process.returncode or file.stat().st_size < size:
        raise Missed(
            f"{Path(command[0]).name}: {message.strip() or 'a part is missing'}"
        )
    file.unlink()
    return seconds, peak.bytes


class Peak:
    """The peak memory of a process, polled while it runs.

    The value that the system reports after a process has ended includes the memory of
    its parent before exec.
    """

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._end.wait(0.02):
            self.bytes = max(self.bytes, usage(self._pid).peak)


MEASUREMENTS = (
    Measurement("export", (GIGABYTE,), _save, is_command),
    Measurement("events", tuple(EXPORTS), _export, is_ours),
)
