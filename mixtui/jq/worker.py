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
from itertools import chain

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, BinaryIO, TypeAlias

    Order: TypeAlias = dict[str, Any]

_MAX_CACHED_BYTES = 8_000_000
"""Characters; a longer body is decoded again for the next program."""
_MAX_INLINE_BYTES = 1_000_000
"""Larger results go into a file."""
_MAX_MESSAGE_LENGTH = 2000
_ERROR_MARK = "!"
"""Marks an error message; no JSON text starts with it."""
_CONTINUED = ("{", "[", ",", ":")
"""What ends a line of a document that goes on in the next one."""
_CLEAR_LEAD = 100
"""Lines of one kind more than of the other, after which no more are read."""
_HALT_MARK = "\0"
"""Marks the message of `halt_error`, after the error mark."""
_RECORD_END = "#"
"""Ends the results of each record."""
# jq cannot be resumed after an error, so errors are turned into results. `tojson` keeps
# numbers as they were written, unlike the library's own conversion. The program is on
# lines of its own, as it may end with a comment.
# The library ignores `halt_error`, so it is an error that stops the records after it, too.
_WRAPPER = """def halt_error(status):
  error("\\u0000" + (if type == "string" then rtrimstr("\\n") else tojson end));
def halt_error: halt_error(5);
(try ((
%s
) | tojson) catch ("!" + (if type == "string" then . else tojson end))), "#"
"""


class Body:
    """The body as the records that a program runs on."""

    def __init__(self, path: str | None, content: bytes) -> None:
        self._path = path
        self._content = content
        self._text: str | None = None
        self.has_invalid_utf8 = False
        """Some bytes are not UTF-8."""
        self._in_lines: bool | None = None

    def in_lines(self, jq: Any) -> bool:
        """Return whether each line is a record.

        A line that is JSON by itself votes for it, any other against it: one that is
        damaged, wherever it is, does not decide about the others.
        """
        if self._in_lines is None:
            lines = (text for _, text in self.lines())
            first = next(lines, None)
            second = next(lines, None)
            if first is None or second is None:
                self._in_lines = False
            else:
                self._in_lines = _has_record_lines(jq, chain((first, second), lines))
        return self._in_lines

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield the number (from 1) and text of each line that is not blank."""
        with self._open() as file:
            for number, line in enumerate(file, 1):
                if not line.isspace():
                    yield number, self.decode(line)

    def read(self) -> str:
        """Return the complete text."""
        if self._text is not None:
            return self._text
        with self._open() as file:
            text = self.decode(file.read())
        if len(text) <= _MAX_CACHED_BYTES:
            self._text = text
        return text

    def decode(self, data: bytes) -> str:
        """Decode UTF-8, with U+FFFD for invalid bytes."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.has_invalid_utf8 = True
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
        self.is_full = False

    def add(self, text: str) -> None:
        """Add a result, unless it exceeds the limit."""
        line = text.encode("utf-8", "replace") + b"\n"
        if self._written + len(line) > self._limit:
            self.is_full = True
            return
        self.count += 1
        self._written += len(line)
        if self._file is None:
            self._inline += line
            if len(self._inline) > _MAX_INLINE_BYTES:
                self._file = self._create_file()
                self._file.write(self._inline)
                self._inline.clear()
        else:
            self._file.write(line)

    def close(self) -> bytes:
        """Close the file, if any; return the results to send after the report."""
        if self._file is not None:
            self._file.close()
        return bytes(self._inline)

    def _create_file(self) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        return io.BufferedWriter(io.FileIO(os.open(self._path, flags, 0o600), "wb"))

    @property
    def in_file(self) -> bool:
        """Whether the results are in the file."""
        return self._file is not None


def main() -> None:
    """Execute the orders from stdin until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # SIGINT is for the parent.
    orders = sys.stdin.buffer
    sys.path.append(sys.argv[1])
    import jq

    setup = json.loads(orders.readline())
    _limit_memory(setup["memory"])
    body = Body(setup["path"], orders.read(setup["length"]))
    while line := orders.readline():
        order = json.loads(line)
        _limit_time(order["seconds"])
        with _die_with_parent():
            report, content = _execute(jq, body, order)
        report["length"] = len(content)
        sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


def _execute(jq: Any, body: Body, order: Order) -> tuple[Order, bytes]:
    program = order["program"]
    try:
        jq.compile(program)
        compiled = jq.compile(_WRAPPER % program)
    except ValueError as error:
        return {"compile_error": str(error)[:_MAX_MESSAGE_LENGTH]}, b""
    if order["only_check"]:
        return {}, b""
    results = Results(order["output"], order["limit"])
    try:
        report = _run(jq, compiled, body, results)
        content = results.close()
    except OSError as error:
        return {"io_error": error.strerror or str(error)}, b""
    except MemoryError:
        return {"memory": True}, b""
    report |= {
        "count": results.count,
        "in_file": results.in_file,
        "is_full": results.is_full,
        "has_invalid_utf8": body.has_invalid_utf8,
    }
    return report, content


def _run(jq: Any, compiled: Any, body: Body, results: Results) -> Order:
    """Run the program on every record; return the counts of records and failures."""
    failures = invalid_records = 0
    first_failure: Order | None = None
    records = 0
    has_halted = False
    in_lines = body.in_lines(jq)
    texts = body.lines() if in_lines else iter([(0, body.read())])
    for number, text in texts:
        try:
            for result in compiled.input_text(text):
                if result == _RECORD_END:
                    records += 1
                elif result[:1] != _ERROR_MARK:
                    results.add(result)
                    if results.is_full:
                        break
                else:
                    failures += 1
                    number_of_record = number or records + 1
                    message = result.removeprefix(_ERROR_MARK)
                    has_halted = message.startswith(_HALT_MARK)
                    message = message.removeprefix(_HALT_MARK)
                    first_failure = first_failure or {
                        "position": number_of_record,
                        "message": message[:_MAX_MESSAGE_LENGTH],
                    }
                    if has_halted:
                        break
        except ValueError as error:
            # Only invalid JSON gets here: errors of the program are results.
            failures += 1
            invalid_records += 1
            records += 1
            message = str(error)[:_MAX_MESSAGE_LENGTH]
            first_failure = first_failure or {
                "position": number or records,
                "message": message,
                "invalid_json": True,
            }
        if results.is_full or has_halted:
            break
    return {
        "records": records,
        "in_lines": in_lines,
        "failures": failures,
        "invalid_records": invalid_records,
        "first_failure": first_failure,
    }


def _has_record_lines(jq: Any, lines: Iterable[str]) -> bool:
    """Return whether lines are JSON by themselves rather than parts of a document.

    They are read until one of both is clear. A line that begins an object and neither
    ends it nor continues in the next line is a damaged record and counts for neither.
    """
    records = others = 0
    has_container = False
    for line in lines:
        text = line.strip()
        if _is_json(jq, text):
            records += 1
            has_container = has_container or text.startswith(("{", "["))
        elif not text.startswith("{") or text.endswith(_CONTINUED):
            others += 1
        if abs(records - others) >= _CLEAR_LEAD:
            break
    return records > others or (records == others and has_container)


def _is_json(jq: Any, text: str) -> bool:
    try:
        return sum(1 for _ in jq.compile("true").input_text(text)) > 0
    except ValueError:
        return False


def _limit_memory(limit: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    # A core dump, written to the working folder by abort(), would contain the body.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        # If memory runs out anyway, the kernel kills this process first.
        file.write("1000")


def _limit_time(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


@contextlib.contextmanager
def _die_with_parent() -> Iterator[None]:
    """Have the kernel kill this process when stdin ends while a program runs.

    Nothing reads stdin then, so a runaway program would outlive a parent that was killed.
    """
    stdin = sys.stdin.fileno()
    flags = fcntl.fcntl(stdin, fcntl.F_GETFL)
    fcntl.fcntl(stdin, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(stdin, fcntl.F_SETFL, flags | os.O_ASYNC)
    poller = select.poll()
    poller.register(stdin, 0)
    if poller.poll(0):  # The parent was killed just before.
        sys.exit()
    try:
        yield
    finally:
        fcntl.fcntl(stdin, fcntl.F_SETFL, flags)


if __name__ == "__main__":
    main()
