"""A line is split as bash does, and what replaces its end is read by bash as it was meant."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.cli.completion.bash import quote, split_line

BREAKS = " \t\n\"'@><=;|&(:"


@pytest.mark.parametrize(
    ("line", "words", "text", "kept", "quotes"),
    [
        ("mixtui ", ["mixtui"], "", "", ""),
        ("mixtui send We", ["mixtui", "send"], "We", "", ""),
        (r"mixtui Weekly\ s", ["mixtui"], "Weekly s", "", ""),
        ("mixtui 'Weekly s", ["mixtui"], "Weekly s", "", "'"),
        ('mixtui a"b c', ["mixtui"], "ab c", "a", '"'),
        ("mixtui 'a b'c", ["mixtui"], "a bc", "a b", ""),
        (r'mixtui "a\"\$\x', ["mixtui"], 'a"$\\x', "", '"'),
        ("mixtui --env=pr", ["mixtui"], "--env=pr", "--env=", ""),
        (r"mixtui a\:b", ["mixtui"], "a:b", "", ""),
        ("mixtui a:b@c", ["mixtui"], "a:b@c", "a:b", ""),
        ("mixtui '' x\\", ["mixtui", ""], "x", "", ""),
    ],
)
def test_a_line_is_split(
    line: str, words: list[str], text: str, kept: str, quotes: str
) -> None:
    found, last = split_line(line, BREAKS)
    assert (found, last.text, last.kept, last.quotes) == (words, text, kept, quotes)


CHARACTERS = [chr(c) for c in range(1, 127) if c != 10] + [
    "\x7f",
    "\x9b",
    "ü",
    "😀",
    "\u00a0",
]
TEXTS = ["".join(CHARACTERS), *CHARACTERS, "!'\"", "'a'", "~", "-n", "$(x)`y`", "{a,b}"]


def opening(text: str, quotes: str) -> str:
    """Return the mark in the line; readline replaces it if the text begins with one."""
    return "" if quote(text, quotes)[:1] == quotes else quotes


@pytest.mark.parametrize("quotes", ["", "'", '"'])
def test_bash_reads_a_quoted_text_as_it_was(quotes: str) -> None:
    words = (opening(text, quotes) + quote(text, quotes) + quotes for text in TEXTS)
    script = "printf '%s\\0' " + " ".join(words)
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == TEXTS


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.sampled_from(["", "'"])
)
def test_a_quoted_text_is_completed_further_as_the_same_text(
    text: str, quotes: str
) -> None:
    line = f"mixtui x{opening(text, quotes)}{quote(text, quotes)}"
    _, word = split_line(line, BREAKS)
    assert word.text == f"x{text}"
