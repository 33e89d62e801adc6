"""Importing 1,000,000 events: what it costs, and how fast, beside other importers; and what
it costs at the pace that Mixpanel allows.

BENCH_MIXPANEL_IMPORT runs the npm package, BENCH_MIXPANEL_UTILS and BENCH_MIXPANEL_SDK are
a Python that has the library. Each sends to the server of the run, which counts.
"""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeGuard

from benchmarks.bench import MB, Bench, Figures, Measurement, is_ours
from benchmarks.drivers import Mixtui
from benchmarks.gigabyte import Peak
from benchmarks.processes import cpu_of_children
from benchmarks.programs import Importer, Program, python_versions
from benchmarks.terminal import CLOCK, Missed

IMPORTS = ("0 ms", "100 ms")
"""The latencies of the server."""
EVENTS = 1_000_000
_FEWER = 20
"""The factor by which a quick run has fewer."""
PACED = "30,000 events/s"
"""What Mixpanel takes of a project: 2 GB a minute."""
_PACED_EVENTS = 300_000
_BYTES = 290

_SDK = """
import json, sys, mixpanel
consumer = mixpanel.BufferedConsumer(max_size=2000, import_url=sys.argv[2] + "/import")
client = mixpanel.Mixpanel("token", consumer=consumer)
for line in open(sys.argv[1]):
    event = json.loads(line)
    values = event["properties"]
    client.import_data(
        "", values.pop("distinct_id"), event["event"], values.pop("time"), values,
        api_secret="secret",
    )
consumer.flush()
"""
_UTILS = """
import json, sys
from mixpanel_utils import MixpanelUtils
client = MixpanelUtils("secret", token="token")
client.import_api = sys.argv[2]
client.import_events([json.loads(line) for line in open(sys.argv[1])], 0)
"""
_BARE = """
import http.client, itertools, queue, sys, threading, urllib.parse, zlib
import msgspec
file, base = sys.argv[1], urllib.parse.urlsplit(sys.argv[2])
decode = msgspec.json.Decoder().decode
batches = queue.Queue(20)
def send():
    connection = http.client.HTTPConnection(base.netloc)
    while (lines := batches.get()) is not None:
        gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
        body = gzip.compress(b"[" + b",".join(lines) + b"]") + gzip.flush()
        head = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        connection.request("POST", base.path + "/import", body, head)
        connection.getresponse().read()
threads = [threading.Thread(target=send) for _ in range(10)]
for thread in threads: thread.start()
with open(file, "rb") as source:
    while lines := list(itertools.islice(source, 2000)):
        for line in lines: decode(line)
        batches.put(lines)
for thread in threads: batches.put(None)
for thread in threads: thread.join()
"""
_HOOK = """
const { Module } = require("node:module");
const compile = Module.prototype._compile;
Module.prototype._compile = function (code, file, ...rest) {
    if (file.includes("mixpanel-import"))
        code = code.replaceAll("https://api.mixpanel.com", process.env.BENCH_BASE);
    return compile.call(this, code, file, ...rest);
};
"""
"""The package has Mixpanel's address in its code: this puts that of the server there."""


class BareLoop(Importer):
    """The least that does the same: parse, compress and post, on ten connections."""

    name = "bare-loop"

    def command(self) -> list[str]:
        return [sys.executable]

    def versions(self) -> str:
        return python_versions(sys.executable, "msgspec")

    def importing(self, file: Path, base: str) -> list[str]:
        return [sys.executable, "-c", _BARE, str(file), base]


class Library(Importer):
    """A library of Python, used as its documentation says.

    Args:
        name: The name in tables.
        package: Of the library.
        script: Takes a file and the base of the server.
        is_patient: Whether it waits for each of 20,000 responses, which at 100 ms takes
            half an hour: that is not measured.
    """

    def __init__(
        self, name: str, package: str, script: str, *, is_patient: bool = False
    ) -> None:
        self.name, self._package, self._script = name, package, script
        self.is_patient = is_patient

    def command(self) -> list[str]:
        configured = os.environ.get(f"BENCH_{self.name.upper().replace('-', '_')}", "")
        return shlex.split(configured)

    def versions(self) -> str:
        return python_versions(self.command()[0], self._package)

    def importing(self, file: Path, base: str) -> list[str]:
        return [*self.command(), "-c", self._script, str(file), base]


class MixpanelImport(Library):
    """The npm package."""

    def __init__(self) -> None:
        super().__init__("mixpanel-import", "", "")

    def versions(self) -> str:
        done = subprocess.run(
            [*self.command(), "--version"], capture_output=True, text=True, check=True
        )
        return f"mixpanel-import {done.stdout.split()[-1]}"

    def importing(self, file: Path, base: str) -> list[str]:
        return [
            *(*self.command(), str(file), "--secret", "x", "--format", "jsonl"),
            *("--logs", "false", "--verbose", "false", "--abridged", "--compress"),
        ]

    def importing_env(self, home: Path, base: str) -> dict[str, str]:
        hook = home / "hook.cjs"
        hook.write_text(_HOOK)
        extra = {"BENCH_BASE": base, "NODE_OPTIONS": f"--require {hook}"}
        return {**self.env(home), **extra}


IMPORTERS = (
    BareLoop(),
    MixpanelImport(),
    Library("mixpanel-utils", "mixpanel-utils", _UTILS),
    Library("mixpanel-sdk", "mixpanel", _SDK, is_patient=True),
)


def event_lines(count: int) -> Iterator[bytes]:
    """Yield events of 290 bytes, each with another id."""
    for number in range(count):
        properties = {
            "time": 1_700_000_000 + number,
            "distinct_id": f"user-{number % 50_000}",
            "$insert_id": f"{number:016d}",
            "plan": ("free", "pro", "enterprise")[number % 3],
            "amount": number % 1000 / 10,
            "is_paying": number % 2 == 0,
            "$current_url": f"https://app.example.com/projects/{number % 977}",
        }
        line = json.dumps({"event": "Purchase", "properties": properties})
        yield line[:-2].encode() + b', "note": "%b"}}\n' % (
            b"x" * (_BYTES - len(line) - len(', "note": ""') - 1)
        )


def _import(bench: Bench, program: Importer, case: str) -> Figures:
    bench.server.delay(int(case.split()[0]) / 1_000)
    return _import_events(bench, program, EVENTS, program.importing)


def _import_paced(bench: Bench, driver: Mixtui, case: str) -> Figures:
    bench.server.delay(0)
    rate = int(case.split()[0].replace(",", ""))
    pace = round(rate * _BYTES * 60 / MB)
    importing = functools.partial(driver.importing, pace=pace)
    figures = _import_events(bench, driver, _PACED_EVENTS, importing)
    return {**figures, "cores": figures["cpu"] / figures["seconds"]}


def _import_events(
    bench: Bench,
    program: Importer,
    count: int,
    importing: Callable[[Path, str], list[str]],
) -> dict[str, float]:
    if bench.plan.quick:
        count //= _FEWER
    file = bench.work / f"{count}.ndjson"
    if not file.exists():
        with file.open("wb") as out:
            out.writelines(event_lines(count))
    base = bench.server.base
    received = bench.server.records()
    with bench.home(program) as home:
        command = importing(file, base)
        figures = _run(command, program.importing_env(home, base), home)
    received = bench.server.records() - received
    if received != count:
        raise Missed(f"{received:,} of {count:,} events arrived")
    return {**figures, "rate": count / figures["seconds"]}


def _run(command: list[str], env: Mapping[str, str], folder: Path) -> dict[str, float]:
    """Return seconds, CPU seconds and peak megabytes of a command.

    Raises:
        Missed: It fails.
    """
    before, start = cpu_of_children(), CLOCK()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, env=env, cwd=folder, stdout=output, stderr=output
        )
        with Peak(process.pid) as peak:
            process.wait()
            seconds = CLOCK() - start
        if process.returncode:
            output.seek(0)
            raise Missed(output.read().decode(errors="replace").strip()[-300:])
    cpu = cpu_of_children() - before
    return {"seconds": seconds, "cpu": cpu, "peak": peak.bytes / MB}


def is_importer(program: Program, case: str) -> TypeGuard[Importer]:
    """Return whether a program imports events, and can at a latency."""
    if isinstance(program, Library) and program.is_patient:
        return case == IMPORTS[0]
    return isinstance(program, Importer)


MEASUREMENTS = (
    Measurement("import", IMPORTS, _import, is_importer, heavy=True),
    Measurement("paced-import", (PACED,), _import_paced, is_ours, most=2),
)
