"""Filters in a child process: their results, their errors, and what stops them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.jq import process as filter_process
from mixtui.jq.filter import FilterResult, compile_error
from mixtui.jq.process import FilterProcess, Limits
from mixtui.model.errors import FilterError, FilterStopped

DEFAULT_LIMITS = Limits()
RUNAWAY = "def f: f; f"
EMPTY = "The filter has no output: use `.` for the whole value"
LINES = b'{"a":1}\n\n5\r\n{"a":2}\n{"a":'
CONTROL_CHARACTER = (
    "Line 1 is not JSON (Invalid string: control characters from U+0000 through U+001F "
    "must be escaped)"
)


@pytest.fixture
async def processes() -> AsyncIterator[list[FilterProcess]]:
    """Yield a list of processes to close after the test."""
    processes: list[FilterProcess] = []
    yield processes
    for process in processes:
        await process.close()


async def run_once(
    body: bytes | Path, program: str, limits: Limits = DEFAULT_LIMITS
) -> FilterResult:
    process = FilterProcess(body, limits=limits)
    try:
        return await process.run(program)
    finally:
        await process.close()


async def filter_error(
    body: bytes, program: str, limits: Limits = DEFAULT_LIMITS
) -> FilterError:
    with pytest.raises(FilterError) as caught:
        await run_once(body, program, limits)
    return caught.value


@pytest.mark.parametrize(
    ("body", "program", "output"),
    [
        (b'{"a": [1, 2]}', ".a[]", b"1\n2\n"),
        (b'{"b": 1, "a": 2}', ".", b'{"b":1,"a":2}\n'),
        (b"[1,2]", ".[] | select(. > 5)", b""),
        (b"[1]", ".[0] # the first", b"1\n"),
        (b'{"a":1}\n{"a":2}\n', ".a", b"1\n2\n"),
        (b'{"a":1} {"a":2}', ".a", b"1\n2\n"),
        (b'{\n"a":1\n}\n{\n"a":2\n}\n', ".a", b"1\n2\n"),
        (b'{"a":1} {"a":2}\n{"a":3}\n', ".a", b"1\n2\n3\n"),
        ('"\u2028 é 😀"'.encode(), ".", '"\u2028 é 😀"\n'.encode()),
        (b'"!#"', ".", b'"!#"\n'),
        (b"", ".", b""),
        (b"1", 'try error("x") catch .', b'"x"\n'),
        (b"1", "halt", b""),
    ],
)
async def test_a_program_runs_on_each_record(
    body: bytes, program: str, output: bytes
) -> None:
    filtered = await run_once(body, program)
    assert filtered == FilterResult(output, output.count(b"\n"))


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("1.00", "1.00"),
        ("-0.0", "-0.0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("3.141592653589793238462643383279", "3.141592653589793238462643383279"),
        ("1e400", "1E+400"),
        ("1E-400", "1E-400"),
        ("1e2", "1E+2"),
        ("0.1e1", "1"),
    ],
)
async def test_a_number_that_is_not_computed_with_keeps_its_digits(
    number: str, written: str
) -> None:
    for body, program in ((number, "."), (f'{{"a":[{number}]}}', ".a[0]")):
        assert (
            await run_once(body.encode(), program)
        ).output == f"{written}\n".encode()


async def test_computing_rounds_to_a_double() -> None:
    filtered = await run_once(b"123456789012345678901234567890", ". + 1")
    assert filtered.output == b"123456789012345680000000000000\n"


async def test_a_file_is_filtered_and_large_results_go_into_a_private_one(
    tmp_path: Path, processes: list[FilterProcess]
) -> None:
    body = tmp_path / "body"
    body.write_bytes(b'{"n":1}\n' * 70_000)
    process = FilterProcess(body, folder=tmp_path)
    processes.append(process)
    filtered = await process.run("., .")
    assert isinstance(filtered.output, Path)
    assert filtered.output.read_bytes() == b'{"n":1}\n' * 140_000
    assert filtered.count == 140_000
    assert filtered.output.stat().st_mode & 0o777 == 0o600
    assert filtered.output.parent.stat().st_mode & 0o777 == 0o700
    await process.close()
    assert list(tmp_path.iterdir()) == [body]


@pytest.mark.parametrize(
    ("program", "message", "line", "column"),
    [
        (".a |", "The filter is incomplete (column 5).", 1, 5),
        ("", f"{EMPTY}.", None, None),
        ("def double: . * 2;", f"{EMPTY}.", None, None),
        ("foo(1)", "The function foo with 1 argument is not defined (column 1).", 1, 1),
        (".a\n| bar", "The function bar is not defined (line 2, column 3).", 2, 3),
        ('"日本" | foo', "The function foo is not defined (column 8).", 1, 8),
        ("1 as $x | $y", "The variable $y is not defined (column 11).", 1, 11),
        (".a) | (.b", "Unexpected `)` (column 3).", 1, 3),
        ("if . then 1", "`if` has no matching `end` (column 12).", 1, 12),
        ('import "a" as a; .', "Filters cannot import modules.", None, None),
        (".a\0", "Filters cannot contain NUL characters.", 1, 3),
    ],
)
async def test_a_program_that_does_not_compile_is_explained_with_its_position(
    program: str, message: str, line: int | None, column: int | None
) -> None:
    error = await filter_error(b"null", program)
    assert (str(error), error.line, error.column) == (message, line, column)


@pytest.mark.parametrize(
    ("message", "explanation", "line", "column"),
    [
        (
            "jq: error: syntax error, unexpected INVALID_CHARACTER (Unix shell quoting "
            "issues?) at <top-level>, line 1:\n.é\njq: 1 compile error",
            "Unexpected `.`.",
            1,
            None,
        ),
        ("something new", "jq rejected the filter (something new).", None, None),
        ("", "jq rejected the filter ().", None, None),
    ],
)
def test_messages_of_other_versions_are_understood_as_far_as_possible(
    message: str, explanation: str, line: int | None, column: int | None
) -> None:
    error = compile_error(message, ".é")
    assert (str(error), error.line, error.column) == (explanation, line, column)


@given(
    message=st.text()
    | st.integers(0, 9).map(
        lambda line: f"jq: error: x at <top-level>, line {line}, column {line}:"
    ),
    program=st.text(),
)
def test_any_message_becomes_one_line(message: str, program: str) -> None:
    assert "\n" not in str(compile_error(message, program))


@pytest.mark.parametrize(
    ("body", "program", "message"),
    [
        (b"1", ".a", 'Cannot index number with string ("a").'),
        (b"{} 1", ".a | error", "null (document 1)."),
        (b"1\n2\n", ".a", 'Cannot index number with string ("a") (line 1).'),
        (b"1", 'error("\\u001b[31m")', "␛[31m."),
        (b"1", 'error("")', "The filter failed without a message."),
        # Of a value that jq has cut nothing is quoted: it may hold half a secret.
        (b'"%s"' % (b"s3cret" * 9), ".[]", "Cannot iterate over string."),
        (b'"%s"' % (b"s3cret" * 99), '"no: \\(.)" | error', "no: …."),
        (b'["%s"]' % (b"s3cret" * 99), "halt_error", '["….'),
        (b'"%s"' % (b"s3cret" * 9), ". + 1", "string and number (1) cannot be added."),
        (
            b'[{"a":"%s"},2]' % (b"s3cret" * 9),
            ".[0] + .[1]",
            "object and number (2) cannot be added.",
        ),
        (
            b'[["%s"],"%s"]' % (b"s3cret" * 9, b"s3cret" * 9),
            ".[0] - .[1]",
            "array and string cannot be subtracted.",
        ),
        (
            b"1",
            "input",
            "`input` has nothing to read: a filter sees one record at a time.",
        ),
        (
            b"<html>",
            ".",
            "The body is not valid JSON at line 1, column 6 (Invalid numeric literal).",
        ),
        (
            b"[1,\n2",
            ".",
            "The body is not valid JSON at line 2, column 1 (Unfinished JSON term).",
        ),
        (
            b"[" * 100_000,
            ".",
            "The body is not valid JSON at line 1, column 10001 (Exceeds depth limit for "
            "parsing).",
        ),
    ],
)
async def test_a_program_that_gives_only_errors_fails_with_the_record(
    body: bytes, program: str, message: str
) -> None:
    error = await filter_error(body, program)
    assert (str(error), error.line, error.column) == (message, None, None)


@pytest.mark.parametrize(
    ("body", "program", "output", "notice"),
    [
        (
            LINES,
            ".a",
            b"1\n2\n",
            "2 of 4 lines failed; the first: Cannot index number with string "
            '("a") (line 3).',
        ),
        (
            LINES,
            "1",
            b"1\n1\n1\n",
            "Line 5 is not JSON (Unfinished JSON term).",
        ),
        (
            b'{"a":"\x06"}\n{"a":2}\n',
            ".a",
            b"2\n",
            f"{CONTROL_CHARACTER}.",
        ),
        (
            b'{"a":"\x06"}\n{"a":2}\n{"a":3}\n{"a":\n{"a":5}',
            ".a",
            b"2\n3\n5\n",
            f"2 of 5 lines failed; the first: {CONTROL_CHARACTER}.",
        ),
        (
            b'{"a":"\x06"}\n{"a":"\x06"}\n{"a":3}\n',
            ".a",
            b"3\n",
            f"2 of 3 lines failed; the first: {CONTROL_CHARACTER}.",
        ),
        (
            b'{"a":1}\n{"a":"\x06"}\n{"a":3}\n',
            ".a",
            b"1\n3\n",
            f"{CONTROL_CHARACTER.replace('1', '2', 1)}.",
        ),
        (
            b'Warning: slow\n{"a":2}\n',
            ".a",
            b"2\n",
            "Line 1 is not JSON (Invalid numeric literal).",
        ),
        (
            b'{"a":1}\n{\n  "a": 2\n}\n',
            ".a",
            b"1\n2\n",
            "",
        ),
        (
            b'[\n{"a":1},\n{"a":2}\n]',
            ".[].a",
            b"1\n2\n",
            "",
        ),
        (
            b"[{},1,{}]",
            ".[].a",
            b"null\n",
            'Cannot index number with string ("a").',
        ),
        (
            b"1 2 {",
            ".",
            b"1\n2\n",
            "The body is not valid JSON at line 1, column 5 (Unfinished JSON term).",
        ),
        (
            b'"\xff"',
            ".",
            '"�"\n'.encode(),
            "Bytes that are not UTF-8 were read as �.",
        ),
    ],
)
async def test_results_before_and_after_a_failure_are_kept_and_the_failure_is_reported(
    body: bytes, program: str, output: bytes, notice: str
) -> None:
    filtered = await run_once(body, program)
    assert (filtered.output, filtered.notice) == (output, notice)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=5,
)


# Two processes an example, which hold many values each.
@settings(max_examples=12)
@given(st.lists(json_values, max_size=40))
def test_the_identity_filter_yields_what_json_reads(values: list[Any]) -> None:
    lines = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
    for body in (json.dumps(values, indent=1), lines):
        filtered = asyncio.run(run_once(body.encode(), "."))
        assert isinstance(filtered.output, bytes)
        results = [json.loads(line) for line in filtered.output.split(b"\n")[:-1]]
        assert results == ([values] if body is not lines else values)


async def test_a_runaway_is_stopped_and_the_next_program_runs(
    processes: list[FilterProcess],
) -> None:
    process = FilterProcess(b"[1]")
    processes.append(process)
    running, _ = await runaway(process)
    process.stop()
    with pytest.raises(FilterStopped, match=r"The filter was cancelled\."):
        await running
    assert (await process.run(".[0]")).output == b"1\n"


async def test_a_newer_program_replaces_a_running_one(
    processes: list[FilterProcess],
) -> None:
    process = FilterProcess(b"[1]")
    processes.append(process)
    first, _ = await runaway(process)
    assert (await process.run(".")).output == b"[1]\n"
    with pytest.raises(FilterStopped):
        await first


async def test_of_concurrent_programs_the_last_one_runs(
    processes: list[FilterProcess],
) -> None:
    process = FilterProcess(b"1")
    processes.append(process)
    programs = [process.run(program) for program in (RUNAWAY, RUNAWAY, ".")]
    results = await asyncio.gather(*programs, return_exceptions=True)
    assert [type(result) for result in results] == [
        FilterStopped,
        FilterStopped,
        FilterResult,
    ]


async def test_a_cancelled_run_leaves_nothing_running(
    processes: list[FilterProcess],
) -> None:
    process = FilterProcess(b"1")
    processes.append(process)
    running, child = await runaway(process)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert child._process.returncode == -signal.SIGKILL
    assert (await process.run(".")).output == b"1\n"


async def test_closing_stops_what_runs() -> None:
    process = FilterProcess(b"1")
    running, child = await runaway(process)
    await process.close()
    with pytest.raises(FilterStopped):
        await running
    assert child._process.returncode == -signal.SIGKILL
    await process.close()


async def test_one_child_serves_many_programs(processes: list[FilterProcess]) -> None:
    process = FilterProcess(b"[1]")
    processes.append(process)
    await process.check(".")
    child = process._worker
    for program in (".", ".a", ".[", ".[0]"):
        try:
            await process.run(program)
        except FilterError:
            continue
    await process.check(".x")
    assert process._worker is child


@pytest.mark.parametrize(
    ("program", "limits", "message"),
    [
        (
            "[range(1e12)]",
            Limits(memory=60_000_000),
            "The filter was stopped: it needed more memory than 60 MB.",
        ),
        (RUNAWAY, Limits(seconds=0), "The filter was stopped: it ran for 0 ms."),
    ],
)
async def test_a_limit_stops_a_program(
    program: str, limits: Limits, message: str
) -> None:
    assert str(await filter_error(b"1", program, limits)) == message


async def test_endless_results_are_cut() -> None:
    filtered = await run_once(b"1", "repeat(1)", Limits(output=1000))
    assert filtered.output == b"1\n" * 500
    assert filtered.notice == "Only the first 1.0 KB of the results are shown."


async def test_a_program_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MP_SECRET", "s3cret")
    assert b"s3cret" not in output_bytes(await run_once(b"1", "$ENV, env"))


@pytest.mark.parametrize(
    "program", ['include "m"; f', 'import "m" as m; m::f', 'import "m" as $m; $m']
)
async def test_a_program_sees_no_module_in_the_current_folder(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.jq").write_text("def f: 1;")
    (tmp_path / "m.json").write_text("1")
    assert str(await filter_error(b"1", program)) == "Filters cannot import modules."


async def test_a_missing_body_is_reported(tmp_path: Path) -> None:
    with pytest.raises(
        FilterError, match=r"Cannot read the body or write the results: No such file"
    ):
        await run_once(tmp_path / "gone", ".")


async def test_a_missing_library_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filter_process, "find_spec", lambda name: None)
    assert str(await filter_error(b"1", ".")) == (
        "jq is not installed: install the Python package jq."
    )


def test_a_runaway_dies_with_its_parent() -> None:
    code = (
        "import asyncio\n"
        "from mixtui.jq.process import FilterProcess\n"
        "async def main():\n"
        "    process = FilterProcess(b'1')\n"
        "    await process.run('.')\n"
        "    print(process._worker._process.pid, flush=True)\n"
        f"    await process.run({RUNAWAY!r})\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    while is_alive(child):  # The test's time limit ends it.
        os.sched_yield()


def test_a_program_does_not_start_after_its_parent_died() -> None:
    library = find_spec("jq")
    assert library is not None
    assert library.origin is not None
    setup = {"memory": 1_000_000_000, "path": None, "length": 0}
    order = {"program": RUNAWAY, "only_check": False, "seconds": 60, "output": "x"}
    completed = subprocess.run(
        [sys.executable, filter_process._WORKER, str(Path(library.origin).parent)],
        input=f"{json.dumps(setup)}\n{json.dumps(order | {'limit': 1})}\n".encode(),
        capture_output=True,
        check=True,
    )
    assert completed.stdout == b""


def is_alive(process: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2][1] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def output_bytes(filtered: FilterResult) -> bytes:
    assert isinstance(filtered.output, bytes)
    return filtered.output


async def runaway(
    process: FilterProcess,
) -> tuple[asyncio.Task[FilterResult], filter_process._Worker]:
    """Start an endless program; return its task, and the child that runs it."""
    await process.check(".")
    running = asyncio.create_task(process.run(RUNAWAY))
    await asyncio.sleep(0)
    child = process._worker
    assert child is not None
    assert child.busy
    return running, child
