"""toml-test: what is read of TOML files, and what stays when they are edited.

Each valid file has its values beside it as JSON, with their types. Files of TOML 1.1 alone are
left to `tomllib`, which decides what we read.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from mixtui.model.environment import Environment
from mixtui.storage.environment_store import save_environment
from mixtui.storage.request_file import parse, render
from mixtui.storage.toml_editor import split_blocks
from mixtui.storage.toml_values import InvalidToml, decode, parse_toml
from tests.corpora.corpus import Corpus, Refused, Verdict, judge

_LIST = "files-toml-1.0.0"
_NEW = "corpus"
_SPECIAL = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


def read_values(path: Path) -> None:
    """Read the values of a file, and compare them with those beside it."""
    values = _values(path)
    beside = path.with_suffix(".json")
    if beside.exists():
        expected = _untagged(json.loads(beside.read_text("utf-8")))
        assert _comparable(values) == _comparable(expected), values


def _values(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(decode(path.read_bytes()))
    except InvalidToml as error:
        raise Refused(str(error)) from None


def _untagged(value: Any) -> Any:
    match value:
        case {"type": str(kind), "value": str(text), **rest} if not rest:
            return _scalar(kind, text)
        case dict():
            return {key: _untagged(each) for key, each in value.items()}
        case _:
            return [_untagged(each) for each in value]


def _scalar(kind: str, text: str) -> object:
    match kind:
        case "integer":
            return int(text)
        case "float":
            return _SPECIAL.get(text) or float(text)
        case "bool":
            return text == "true"
        case "string":
            return text
        case "date-local":
            return date.fromisoformat(text)
        case "time-local":
            return time.fromisoformat(text)
        case _:
            return datetime.fromisoformat(text)


def _comparable(value: Any) -> Any:
    """Return a value that equals itself: not a number does not."""
    match value:
        case dict():
            return {key: _comparable(each) for key, each in value.items()}
        case list():
            return [_comparable(each) for each in value]
        case float() if math.isnan(value):
            return "not a number"
        case _:
            return value


def edit_request(path: Path) -> None:
    """Read a file as a saved request, give it a name, and look what else changed."""
    _values(path)
    source = decode(path.read_bytes())
    draft, _ = parse(source, path)
    edited = render(replace(draft, name=_NEW), source, path=path)
    assert parse(edited, path)[0].name == _NEW
    _check_rest(source, edited, "name")
    assert render(draft, edited, path=path) is not None


def edit_environments(path: Path) -> None:
    """Add an environment to a file, and look what else changed."""
    _values(path)
    source = decode(path.read_bytes())
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "environments.toml"
        copy.write_bytes(source.encode())
        save_environment(copy, Environment(_NEW, project_id="1"))
        edited = decode(copy.read_bytes())
    _check_rest(source, edited, "environments")


def _check_rest(source: str, edited: str, key: str) -> None:
    """Check that all that was there stands in the same order, comments included."""
    before, after = parse_toml(source), parse_toml(edited)
    before.pop(key, None)
    after.pop(key, None)
    assert _comparable(after) == _comparable(before), edited
    blocks = split_blocks(source.replace("\r\n", "\n"))
    assert "".join(block.text for block in blocks) == source.replace("\r\n", "\n")
    remaining = iter(edited.replace("\r\n", "\n").split("\n"))
    for line in source.replace("\r\n", "\n").split("\n"):
        is_changed = line.strip().startswith(key) or not line.strip()
        assert is_changed or line in remaining, f"{line!r} is lost in:\n{edited}"


def _verdicts(read: Callable[[Path], None], folder: Path) -> Iterator[Verdict]:
    listed = set((folder / "tests" / _LIST).read_text("utf-8").split())
    for path in sorted((folder / "tests").rglob("*.toml")):
        name = path.relative_to(folder / "tests").as_posix()
        must_read = name.startswith("valid/") if name in listed else None
        if must_read and read is not read_values:
            must_read = None  # Its keys may have other types than ours.
        yield judge(name, partial(read, path), must_read)


CORPUS = Corpus(
    "toml-lang/toml-test",
    ("tests",),
    {
        "values": partial(_verdicts, read_values),
        "saved request, edited": partial(_verdicts, edit_request),
        "environments, edited": partial(_verdicts, edit_environments),
    },
)
