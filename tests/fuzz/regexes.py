"""A target for each way to make a regular expression slow, on all of ours."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

import mixtui
from mixtui.patterns import compile_late
from tests.fuzz.target import Target

_SKIPPED = ("mixtui.__main__",)
_PATTERNS = (re.Pattern, type(compile_late("")))


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Return the regular expressions of all modules, by module and name."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(mixtui.__path__, "mixtui."):
        if module.name in _SKIPPED:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, each in enumerate(
                value if isinstance(value, tuple) else (value,)
            ):
                if isinstance(each, _PATTERNS):
                    found.setdefault(f"{module.name}.{name}[{number}]", each)
    assert len(found) > 200
    return found


_PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "A",
                "0",
                " ",
                "\t",
                "\n",
                "-",
                "_",
                ".",
                ",",
                ":",
                ";",
                "/",
                "\\",
                "é",
            ),
            *(
                '"',
                "'",
                "{",
                "}",
                "{{",
                "}}",
                "[",
                "]",
                "(",
                ")",
                "=",
                "&",
                "%",
                "@",
                "#",
            ),
            *(
                '\\"',
                "a.",
                "a/",
                "a=",
                '"a"',
                "a:",
                "://",
                "<",
                ">",
                "*",
                "$",
                "|",
                "+",
                "?",
            ),
            *(
                "&amp;",
                "%41",
                "x\n",
                "\x1b[",
                "😀",
                "\u200d",
                "1.",
                "-1",
                "e1",
                "today",
                "==",
            ),
        ]
    ),
    min_size=1,
    max_size=3,
).map("".join)


@st.composite
def _pumped(draw: st.DrawFn) -> tuple[int, str]:
    """The number of a pattern, and a text in which a piece is repeated and breaks off."""
    # Not its name: the modules are only imported in the check.
    number = draw(st.integers(0, 999))
    text = draw(st.one_of(st.just(""), _PIECES)) + draw(_PIECES) * draw(
        st.sampled_from([30, 1000, 4000])
    )
    return number, text + draw(st.sampled_from(["", "!", "\0", "x", '"', "}", "\n"]))


def _check_pattern(example: tuple[int, str]) -> None:
    """It ends: `limited_time` stops one that does not."""
    number, text = example
    pattern = [*patterns().values()][number % len(patterns())]
    data: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    pattern.match(data)
    pattern.fullmatch(data)
    pattern.search(data)


TARGETS = (Target("regular expressions", _pumped(), _check_pattern, 60),)
