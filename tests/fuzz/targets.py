"""All targets, and the functions that read text from others and need one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mixtui
from tests.fuzz import addresses, bodies, files, imports, regexes, typed

TARGETS = (
    *bodies.TARGETS,
    *addresses.TARGETS,
    *imports.TARGETS,
    *files.TARGETS,
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
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_TEXTS = frozenset(("str", "bytes", "str | bytes"))
_PARSERS = frozenset(
    (
        *(
            "json.loads",
            "tomllib.loads",
            "msgspec.json.decode",
            "msgspec.msgpack.decode",
        ),
        *("date.fromisoformat", "datetime.fromisoformat", "parsedate_to_datetime"),
        *(
            "yaml.parse",
            "urlsplit",
            "urljoin",
            "unquote",
            "base64.b64decode",
            "csv.reader",
        ),
        *(
            "_decoder.decode",
            "_lenient_decoder.decode",
            "parse_toml",
            "jsonbytes.decode",
        ),
        *("jsonbytes.read_file", "read_leniently", "jsonbytes.read_leniently"),
    )
)
"""What reads text from others for us."""
OWN = {
    "charts/reports.py: read_cohort": "a value that was read; the text is our label",
    "cli/commands/__init__.py": "the names of our own commands",
    "cli/completion/values.py": "a schema of our own",
    "cli/schemas.py": "files of our own",
    "cli/request_import.py": "reads a file for import_curl and import_file",
    "cli/doctor/finding.py": "a sentence of our own",
    "client/failures.py": "the URL of a request of our own",
    "history/record.py": "the URL of a request of our own",
    "jq/worker.py": "orders of our own process, in another process",
    "jq/process.py": "reports of our own process",
    "mixpanel/catalogue.py": "files of our own",
    "mixpanel/endpoints.py": "files of our own",
}
"""Files, or functions in them, that read nothing from others, and why."""


def readers() -> Iterator[tuple[str, str]]:
    """Yield the file and the name of each function that reads text from others.

    That is a function that is named after reading and takes a text first. Of a file in
    which only others give a text to a parser, the name is empty: any of its functions.
    """
    for path in sorted(_ROOT.rglob("*.py")):
        name = path.relative_to(_ROOT).as_posix()
        if name.startswith("sandbox/") or name in OWN:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        functions = [n for n in ast.walk(tree) if isinstance(n, _FUNCTIONS)]
        named = [n.name for n in functions if n in tree.body and _is_named_reader(n)]
        yield from ((name, each) for each in named if f"{name}: {each}" not in OWN)
        if not named and any(map(_calls_parser, functions)):
            yield name, ""


def _is_named_reader(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = next(iter((*node.args.posonlyargs, *node.args.args)), None)
    return (
        node.name.partition("_")[0] in _VERBS
        and first is not None
        and first.annotation is not None
        and ast.unparse(first.annotation) in _TEXTS
    )


def _calls_parser(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(each, ast.Call) and ast.unparse(each.func) in _PARSERS
        for each in ast.walk(node)
    )
