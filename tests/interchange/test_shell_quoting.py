from __future__ import annotations

import shlex
import subprocess
from itertools import groupby

from hypothesis import example, given
from hypothesis import strategies as st

from mixtui.interchange.curl.shell import split_command
from mixtui.interchange.shell_quoting import (
    Placeholder,
    Variable,
    is_visible,
    quote_argument,
    split_placeholders,
)
from mixtui.request.templates import escape_text
from mixtui.text import sanitize

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
X = Variable("X", "something")


@given(texts)
def test_a_quoted_text_is_read_back(text: str) -> None:
    assert split_command(quote_argument(text)).arguments == (escape_text(text),)
    if is_visible(text):
        assert shlex.split(quote_argument(text)) == [text]


@given(texts)
def test_a_quoted_text_can_be_pasted(text: str) -> None:
    pasted = quote_argument(text).replace("\n", "").replace("\t", "")
    assert sanitize(pasted) == pasted


@example(["\\", X])
@example(["{{\\\\", "\\", X, X])
@given(st.lists(st.one_of(texts.filter(bool), st.just(X)), min_size=1, max_size=4))
def test_variables_and_texts_are_one_word(pieces: list[str | Variable]) -> None:
    expected = ""
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
        if is_text:
            expected += escape_text("".join(map(str, group)))
            continue
        # A backslash before a template is one only if there are two.
        expected += "\\" * (len(expected) - len(expected.rstrip("\\")))
        expected += "{{env:X}}" * len(list(group))
    assert split_command(quote_argument(*pieces)).arguments == (expected,)


def test_bash_reads_what_was_quoted() -> None:
    samples = [chr(code) for code in range(1, 0x180)]
    samples += [f"a{c}b{c}" for c in samples]
    samples += ["", "é\u202e😀\ufeff", "\\'\\''", "$'a'", "-n", "--", "~", "=x", "!!"]
    arguments = [quote_argument(sample) for sample in samples]
    script = f"printf '%s\\0' {' '.join(arguments)}"
    completed = subprocess.run(
        ["bash", "-s"], input=script.encode(), capture_output=True, check=True
    )
    assert completed.stdout.decode().split("\0")[:-1] == samples


@given(texts, st.sampled_from(["a", "ab", "é"]))
def test_placeholders_replace_a_text_and_nothing_else(text: str, secret: str) -> None:
    parts = split_placeholders(text, (Placeholder(secret, X),))
    assert "".join(p if isinstance(p, str) else secret for p in parts) == text
    assert not any(secret in part for part in parts if isinstance(part, str))
