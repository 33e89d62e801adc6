"""How a file of the catalogue is read."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files

import pytest

from mixtui.mixpanel.catalogue import (
    FAMILIES,
    BodyField,
    Operation,
    ValueType,
    family_operations,
    read_family,
)


def _all_fields(operation: Operation) -> Iterator[BodyField]:
    if operation.body is not None:
        yield from operation.body.fields
        for variant in operation.body.variants:
            yield from variant.fields


FAMILY = """
title = "Tests"
[parameter.limit]
type = "integer"
help = "How many at most."
[field.name]
help = "The name."
[[operation]]
id = "try"
title = "Try"
help = "Tries."
words = []
method = "POST"
api = "app"
url = "/tries"
credentials = ["service_account"]
safety = "write"
repeat = "unsafe"
parameters = ["limit", "since"]
[operation.parameter]
limit = { maximum = 5 }
since = { type = "date", help = "The first day." }
[operation.body]
types = ["json"]
example = '{"name": "x"}'
fields = ["name"]
[operation.body.field]
name = { required = true }
"""


def test_an_operation_changes_what_its_family_shares() -> None:
    (read,) = read_family("tests", FAMILY)
    limit, since = read.parameters
    assert (limit.help, limit.maximum) == ("How many at most.", 5)
    assert since.type is ValueType.DATE
    assert read.body is not None
    (name,) = read.body.fields
    assert (name.help, name.required) == ("The name.", True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'title = "Tests"',
            'title = "Tests"\nlinks = ""',
            "tests.toml: unknown links",
        ),
        (
            'repeat = "unsafe"',
            'repeat = "unsafe"\nretry = 1',
            "tests.try: unknown retry",
        ),
        ("maximum = 5", "max = 5", "tests.try, limit: unknown max"),
        ("since = {", "until = {", "tests.try, parameters: unknown until"),
        ("required = true", "needed = true", "tests.try, name: unknown needed"),
        (
            'types = ["json"]',
            'types = ["json"]\nkind = ""',
            "tests.try, body: unknown kind",
        ),
    ],
)
def test_a_key_that_nothing_reads_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(AssertionError, match=f"catalogue: {words}"):
        read_family("tests", FAMILY.replace(old, new))


def test_a_family_is_read_without_the_others() -> None:
    code = (
        "import mixtui.mixpanel.catalogue as o\n"
        "o.find_operation('flags.get-flag-definitions')\n"
        "print(o.family_operations.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_shares_is_shared(family: str) -> None:
    path = files("mixtui.mixpanel") / "catalogue" / f"{family}.toml"
    text = path.read_text("utf-8")
    for kind in ("parameter", "field"):
        used = Counter(
            name for each in family_operations(family) for name in _names(each, kind)
        )
        for name in _shared(text, kind):
            assert used[name] > 1, f"{name} is of one operation alone"


def _names(operation: Operation, kind: str) -> Iterator[str]:
    rows = operation.parameters if kind == "parameter" else _all_fields(operation)
    yield from (row.name for row in rows)


def _shared(text: str, kind: str) -> Iterator[str]:
    yield from tomllib.loads(text).get(kind, {})
