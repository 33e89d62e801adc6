"""Patterns are compiled when they are used, and not when a module is imported."""

from __future__ import annotations

import re
import subprocess
import sys

from mixtui.patterns import compile_late
from mixtui.text import _FIRST_UNSEEN, _UNSEEN

IMPORT_ALL = """
import importlib, pkgutil, re, sys, sysconfig
import mixtui

compiled = []
compile_ = re._compiler.compile

def record(pattern, flags=0):
    frame = sys._getframe(1)
    while frame.f_globals["__name__"] in ("re", "mixtui.patterns"):
        frame = frame.f_back
    name = frame.f_globals["__name__"]
    if name.partition(".")[0] == "mixtui":
        compiled.append(f"{name}:{frame.f_lineno}")
    return compile_(pattern, flags)

re._compiler.compile = record
for module in pkgutil.walk_packages(mixtui.__path__, "mixtui."):
    if module.name != "mixtui.__main__":
        importlib.import_module(module.name)
print("at import:", *compiled)

import gc
from mixtui.patterns import compile_late
late = [each for each in gc.get_objects() if type(each) is type(compile_late(""))]
print("late:", len([each.flags for each in late]))
"""


def test_no_module_compiles_a_pattern_when_it_is_imported_and_all_are_valid() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, check=False, text=True
    )
    at_import, late = done.stdout.splitlines()
    assert at_import == "at import:"
    assert int(late.removeprefix("late:")) > 200


def test_a_late_pattern_does_what_a_compiled_one_does() -> None:
    arguments = r"(?P<word>\w+)\s", re.IGNORECASE
    late, compiled = compile_late(*arguments), re.compile(*arguments)
    text = "one two three"
    assert late.flags == compiled.flags
    assert late.groupindex == compiled.groupindex
    for method in ("match", "fullmatch", "search"):
        assert str(getattr(late, method)(text)) == str(getattr(compiled, method)(text))
    assert late.findall(text) == compiled.findall(text)
    assert late.split(text) == compiled.split(text)
    assert late.subn("", text, count=1) == compiled.subn("", text, count=1)
    assert [m.span() for m in late.finditer(text, 4)] == [(4, 8)]
    assert compile_late(rb"\0+").sub(b"", b"a\0b") == b"ab"


def test_a_late_pattern_has_nothing_else() -> None:
    assert not hasattr(compile_late("x"), "nothing")


def test_what_is_printable_below_the_first_unseen_character_is_seen() -> None:
    below = map(chr, range(ord(_FIRST_UNSEEN)))
    assert all(
        each.isprintable() != bool(_UNSEEN.match(each)) or each == "\u00a0"
        for each in below
    )
