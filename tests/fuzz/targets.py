"""All targets, and the functions that read text from others and need one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mixtui
from tests.fuzz import addresses, bodies, files, imports, jobs, regexes, typed

TARGETS = (
    *bodies.TARGETS,
    *addresses.TARGETS,
    *imports.TARGETS,
    *files.TARGETS,
    *jobs.TARGETS,
    *typed.TARGETS,
    *regexes.TARGETS,
)

_ROOT = Path(mixtui.__file__).parent
_VERBS = frozenset(
    (
        "parse",
        "read",
        "decode",
        "detect",
        "import",
        "tokenize",
        "split",
        "check",
        "unescape",
    )
)
_STREAMS = "jobs/"
"""What is in there reads files and streams: by methods, whatever they take, also."""
_STREAM_VERBS = _VERBS | {"load", "sniff", "complete", "map"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TEXTS = frozenset(("str", "bytes", "str | bytes"))
OWN = {
    "charts/reports.py: read_cohort": "a value that was read; the text is our label",
    "cli/schemas.py": "files of our own",
    "cli/request_import.py": "reads a file for import_curl and import_file",
    "cli/doctor/finding.py": "a sentence of our own",
    "jobs/event_sending.py: import_request": "makes a request",
    "jobs/model.py": "protocols",
    "jobs/registry.py: read_job": "the journal is our own",
    "jobs/sync/base.py: load": "a file of our own",
    "jobs/sync/annotations.py: read": "what AppApi.call has read",
    "jobs/sync/schemas.py: read": "what AppApi.call has read",
    "jobs/sync/annotations.py: check": "what was read, before it is sent",
    "jobs/sync/schemas.py: check": "what was read, before it is sent",
    "jobs/sync/sync.py": "protocols",
    "mixpanel/catalogue.py": "files of our own",
    "mixpanel/endpoints.py": "files of our own",
}
"""Files, or functions in them, that read nothing from others, and why."""


def readers() -> Iterator[tuple[str, str]]:
    """Yield the file and the name of each function that reads text from others.

    That is a public one that is named after reading and takes a text first, or any that is
    named so where streams are read.
    """
    for path in sorted(_ROOT.rglob("*.py")):
        name = path.relative_to(_ROOT).as_posix()
        if name.startswith("sandbox/") or name in OWN:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        find = _stream_readers if name.startswith(_STREAMS) else _text_readers
        named = dict.fromkeys(find(tree))
        yield from ((name, each) for each in named if f"{name}: {each}" not in OWN)


def _text_readers(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, _FUNCTIONS) and _is_named_reader(node):
            yield node.name


def _stream_readers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, _FUNCTIONS)
            and node.name.partition("_")[0] in _STREAM_VERBS
        ):
            yield node.name


def _is_named_reader(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = next(iter((*node.args.posonlyargs, *node.args.args)), None)
    return (
        node.name.partition("_")[0] in _VERBS
        and first is not None
        and first.annotation is not None
        and ast.unparse(first.annotation) in _TEXTS
    )
