"""The child process: runs jq programs on one body.

It imports nothing of mixtui, so that it starts in 12 ms. Its one argument is the folder
of the jq library. It reads orders from stdin and writes reports to stdout, each a JSON
object on one line; bytes may follow either (see `process`).
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import resource
import select
import signal
import sys

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO, TypeAlias

    Order: TypeAlias = dict[str, Any]

_KEPT = 8_000_000
"""Bytes of a body that stays decoded for the next program."""
_INLINE = 1_000_000
"""Bytes of results that are sent with the report; more goes into a file."""
_MOST_WORDS = 2000
_FAILED = "!"
"""Marks an error message; no JSON text starts with it."""
_NEXT = "#"
"""Ends the results of each record."""
# jq must not be asked for more after an error, so errors are made results. `tojson`
# keeps numbers as they were written, which the library's own conversion does not. The
# program stands on lines of its own: it may end with a comment.
_WRAPPED = """(try ((
%s
) | tojson) catch ("!" + (if type == "string" then . else tojson end))), "#"
"""


class Body:
    """The body as the records that a program runs on."""

    def __init__(self, path: str | None, content: bytes) -> None:
        self._path = path
        self._content = content
        self._text: str | None = None
        self.damaged = False
        """Some bytes are not UTF-8."""
        self._lines: bool | None = None

    def in_lines(self, jq: Any) -> bool:
        """Return whether each line is a record: the first is complete JSON, and more
        follow.
        """
        if self._lines is None:
            with self._open() as file:
                first = next((line for line in file if line.strip()), b"")
                more = any(line.strip() for line in file)
            self._lines = bool(first) and more and _is_json(jq, self.decoded(first))
        return self._lines

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line that is not blank, and its number from 1."""
        with self._open() as file:
            for number, line in enumerate(file, 1):
                if not line.isspace():
                    yield number, self.decoded(line)

    def read(self) -> str:
        """Return the complete text."""
        if self._text is not None:
            return self._text
        with self._open() as file:
            text = self.decoded(file.read())
        if len(text) <= _KEPT:
            self._text = text
        return text

    def decoded(self, data: bytes) -> str:
        """Decode UTF-8, with U+FFFD for invalid bytes."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.damaged = True
            return data.decode(errors="replace")

    def _open(self) -> BinaryIO:
        if self._path is None:
            return io.BytesIO(self._content)
        return open(self._path, "rb")


class Results:
    """Collects results in memory and, beyond a size, in a private file."""

    def __init__(self, path: str, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._inline = bytearray()
        self._file: BinaryIO | None = None
        self._written = 0
        self.count = 0
        self.full = False

    def add(self, text: str) -> None:
        """Add a result, unless there is no room for it."""
        line = text.encode("utf-8", "replace") + b"\n"
        if self._written + len(line) > self._limit:
            self.full = True
            return
        self.count += 1
        self._written += len(line)
        if self._file is None:
            self._inline += line
            if len(self._inline) > _INLINE:
                self._file = self._created()
                self._file.write(self._inline)
                self._inline.clear()
        else:
            self._file.write(line)

    def close(self) -> bytes:
        """Return the content to send after the report."""
        if self._file is not None:
            self._file.close()
        return bytes(self._inline)

    def _created(self) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        return io.BufferedWriter(io.FileIO(os.open(self._path, flags, 0o600), "wb"))

    @property
    def in_file(self) -> bool:
        """Return whether the results are in the file."""
        return self._file is not None


def main() -> None:
    """Execute orders until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # SIGINT is for the parent.
    orders = sys.stdin.buffer
    sys.path.append(sys.argv[1])
    import jq

    first = json.loads(orders.readline())
    _limit_memory(first["memory"])
    body = Body(first["path"], orders.read(first["length"]))
    while line := orders.readline():
        order = json.loads(line)
        _limit_time(order["seconds"])
        with _dying_with_parent():
            report, content = _obey(jq, body, order)
        report["length"] = len(content)
        sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


def _obey(jq: Any, body: Body, order: Order) -> tuple[Order, bytes]:
    program = order["program"]
    try:
        jq.compile(program)
        compiled = jq.compile(_WRAPPED % program)
    except ValueError as error:
        return {"mistake": str(error)[:_MOST_WORDS]}, b""
    if order["only_check"]:
        return {}, b""
    results = Results(order["output"], order["limit"])
    try:
        report = _run(jq, compiled, body, results)
        content = results.close()
    except OSError as error:
        return {"io": error.strerror or str(error)}, b""
    except MemoryError:
        return {"memory": True}, b""
    report |= {
        "count": results.count,
        "in_file": results.in_file,
        "full": results.full,
        "damaged": body.damaged,
    }
    return report, content


def _run(jq: Any, compiled: Any, body: Body, results: Results) -> Order:
    """Run the program on every record; returns the number of records and the
    failures.
    """
    failures = 0
    first: Order | None = None
    records = 0
    in_lines = body.in_lines(jq)
    texts = body.lines() if in_lines else iter([(0, body.read())])
    for number, text in texts:
        try:
            for result in compiled.input_text(text):
                if result == _NEXT:
                    records += 1
                elif result[:1] != _FAILED:
                    results.add(result)
                    if results.full:
                        break
                else:
                    failures += 1
                    index = number or records + 1
                    first = first or {"at": index, "words": result[1 : _MOST_WORDS + 1]}
        except ValueError as error:
            # Only invalid JSON gets here: errors of the program are results.
            failures += 1
            records += 1
            label = str(error)[:_MOST_WORDS]
            first = first or {"at": number or records, "words": label, "json": True}
        if results.full:
            break
    return {
        "records": records,
        "in_lines": in_lines,
        "failures": failures,
        "first_failure": first,
    }


def _is_json(jq: Any, text: str) -> bool:
    try:
        return any(True for _ in jq.compile("true").input_text(text))
    except ValueError:
        return False


def _limit_memory(most: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    # A core dump, written to the working folder by abort(), would contain the body.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(
            "1000"
        )  # If memory runs out anyway, the kernel kills this process first.


def _limit_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


@contextlib.contextmanager
def _dying_with_parent() -> Iterator[None]:
    """Receive a signal when stdin ends, which is not read while a program runs.

    Without it a runaway program would outlive a parent that was killed.
    """
    stdin = sys.stdin.fileno()
    flags = fcntl.fcntl(stdin, fcntl.F_GETFL)
    fcntl.fcntl(stdin, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(stdin, fcntl.F_SETFL, flags | os.O_ASYNC)
    ended = select.poll()
    ended.register(stdin, 0)
    if ended.poll(0):  # The parent was killed just before.
        sys.exit()
    try:
        yield
    finally:
        fcntl.fcntl(stdin, fcntl.F_SETFL, flags)


if __name__ == "__main__":
    main()
