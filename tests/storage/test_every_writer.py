"""Every function of mixtui that writes to a disk is run by one of the kinds of write.

So a new one is also killed, and tried on a full disk, on a read-only one, in a folder that
cannot be created and without locks.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

import mixtui
from tests.storage.random_kills import CHANGES, prepare

PACKAGE = Path(mixtui.__file__).parent
BY_NAME = {
    *("PartFile", "TemporaryFolder", "open_part", "private_folder"),
    *("mkdir", "makedirs", "write_bytes", "write_text", "touch", "symlink_to"),
    *("mkdtemp", "mkstemp", "NamedTemporaryFile", "TemporaryDirectory"),
    *("copyfile", "copy2", "copytree"),
}
"""What writes, whatever it is called on."""
BY_MODULE = {
    "os": {"rename", "replace", "link", "symlink", "truncate"},
    "sqlite3": {"connect"},
    "shutil": {"move", "copy"},
    "files": {"write", "write_chunks", "create", "create_chunks", "update"}
    | {"save_chunks", "move_new"},
}
BY_MODULE["storage_files"] = BY_MODULE["files"]
ELSEWHERE = {
    "jq/worker.py": "a private file for the answer of a filter: jq/test_filter.py",
    "document/source.py": "a body that comes; it stays in memory: document/test_spool.py",
    "ui/dialogs/external.py": "for an editor or pager: ui/dialogs/test_external.py",
    "ui/dialogs/saving.py": "save_chunks, for a person: ui/dialogs/test_save_dialog.py",
    "ui/main/paging.py": "PartFile, as an export: ui/main/test_next_actions.py",
    "cli/send/all_pages.py": "PartFile, as an export: cli/test_all_pages.py",
    "cli/commands/requests.py": "files.write, for export -o: cli/test_interchange.py",
    "cli/commands/schema.py": "files.write, for schema -o: cli/test_schema.py",
    "cli/doctor/records.py": "only reads, read-only: cli/doctor",
    "cli/send/filter_sink.py FilterSink.__init__": "a temporary file: cli/test_send_filter.py",
    "dispatch/recording.py": "the folder of bodies: dispatch/test_dispatch.py",
    "history/database.py Database._set_aside": "a damaged one: history/test_history.py",
    "ui/main/runs.py": "the folder of bodies: ui/main/test_runs.py",
    "cli/jobs/lookup.py push_table": "a temporary folder: cli/test_lookup.py",
    "cli/jobs/record_import.py _converted": "a temporary folder: cli/test_events_import_sql.py",
    "cli/jobs/migrate.py migrate": "a folder; its steps are jobs: cli/test_migrate.py",
    "jobs/comparison.py count_events": "SQLite without a file: cli/test_migrate.py",
    "jobs/event_query.py": "a temporary folder: ui/sql/test_screen.py",
    "cli/jobs/event_query.py query_events": "a temporary folder: cli/test_events_query.py",
    "jobs/event_export.py": "days that come: jobs/test_event_export.py",
    "jobs/record_output.py": "PartFile, of days or pages: cli/test_events_export.py",
    "jobs/window_sink.py": "a day that comes: jobs/export_kills.py",
    "jobs/profile_export.py": "pages that come: jobs/test_profile_export.py",
    "jobs/registry.py _reading": "only reads, read-only: cli/test_jobs.py",
    "sandbox/data": "the sandbox's own data: sandbox/data",
}
"""Where something else is written, or by another's words; and the test of it."""


def _is_write(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in BY_NAME or (function.id == "open" and _for_writing(call))
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    return (
        function.attr in BY_NAME
        or function.attr in BY_MODULE.get(owner, ())
        or (function.attr == "open" and _for_writing(call))
    )


def _for_writing(call: ast.Call) -> bool:
    texts = [a.value for a in call.args[:2] if isinstance(a, ast.Constant)]
    modes = [text for text in texts if isinstance(text, str)]
    return any(set(mode) & set("wax") and len(mode) < 4 for mode in modes)


def writers() -> Iterator[str]:
    """Yield the file and the qualified name of each function that writes."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_bytes())
        yield from _writers_in(tree, path.relative_to(PACKAGE).as_posix(), "")


def _writers_in(node: ast.AST, file: str, outer: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                name = f"{outer}{child.name}"
                if any(map(_is_own_write, _own_nodes(child))):
                    yield f"{file} {name}"
                yield from _writers_in(child, file, f"{name}.<locals>.")
            case ast.ClassDef():
                yield from _writers_in(child, file, f"{outer}{child.name}.")
            case _:
                yield from _writers_in(child, file, outer)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a function, but not in a function within it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own_nodes(child)


def _is_own_write(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "O_CREAT"
    return isinstance(node, ast.Call) and _is_write(node)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What all kinds of write run, as files and names of functions."""
    codes: set[CodeType] = set()

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    root, before = tmp_path_factory.mktemp("kinds"), sys.getprofile()
    for number, (name, change) in enumerate(CHANGES.items()):
        prepare(name, root / str(number))
        sys.setprofile(on_event)
        try:
            change(root / str(number))
        finally:
            sys.setprofile(before)
    return {
        f"{os.path.relpath(code.co_filename, PACKAGE)} {code.co_qualname}"
        for code in codes
    }


WRITERS = list(writers())


def test_writers_are_found() -> None:
    assert {
        "storage/files.py _write_temporary",
        "storage/quota.py QuotaStore._open",
        "storage/trash.py Trash.add",
    } <= set(WRITERS)


@pytest.mark.parametrize("writer", WRITERS)
def test_every_function_that_writes_is_run_by_a_kind_of_write(
    writer: str, run: set[str]
) -> None:
    if not writer.startswith(tuple(ELSEWHERE)):
        assert writer in run, "add a kind to CHANGES in tests/storage/random_kills.py"


def test_what_is_tested_elsewhere_still_writes() -> None:
    for place, reason in ELSEWHERE.items():
        assert any(writer.startswith(place) for writer in WRITERS), place
        tests = PACKAGE.parent / "tests" / reason.rpartition(": ")[2]
        assert tests.exists(), tests
