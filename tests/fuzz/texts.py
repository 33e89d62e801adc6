"""Texts that nearly mean something: seeds from our tests, mutated, and tokens, joined."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

_TESTS = Path(__file__).parents[1]
_MAX_SEED = 1_500
"""Characters."""

AWKWARD = (
    *("\0", "\x1b[31m", "\x07", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800"),
    *("é", "e\u0301", "😀", "日本", "ß", "İ", "٣", "²", "½", "\u00a0", "\u200b"),
    *(
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        '"',
        "'",
        "`",
        "\\",
        "/",
        "//",
        "?",
        "#",
        "&",
        "=",
    ),
    *("%", "%zz", "%00", "%2F", "%C3%28", "+", ":", "@", ",", ";", "|", "<", "$", "!"),
    *("{", "}", "{{", "}}", "{{x}}", "\\{{", "[", "]", "(", ")", "-", "..", "."),
    *("0", "-1", "1e999", "NaN", "1" * 30, "9" * 4400, "[" * 1500, '{"a":' * 1200),
    *("a", "A" * 300, "true", "null", "today", "*", "~", "None"),
)
"""Pieces that readers stumble over."""


@cache
def seeds(folder: str, pattern: str = "") -> tuple[str, ...]:
    """Return the texts in the tests of a folder that match a pattern anywhere."""
    place = _TESTS / folder
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    constants = {
        node.value
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found = (text for text in constants if 0 < len(text) <= _MAX_SEED)
    return tuple(sorted(text for text in found if re.search(pattern, text)))


@st.composite
def mutated(
    draw: st.DrawFn, originals: Sequence[str], tokens: Sequence[str] = AWKWARD
) -> str:
    """An original with up to four pieces removed, doubled or replaced."""
    text = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        piece = draw(
            st.sampled_from(tokens)
            | st.text(max_size=2)
            | st.just("")
            | st.just(text[start:end] * 2)
        )
        text = text[:start] + piece + text[end:]
    return text


def near(
    originals: Sequence[str], tokens: Sequence[str] = ()
) -> st.SearchStrategy[str]:
    """Texts near the originals, made of tokens, or arbitrary."""
    every = (*tokens, *AWKWARD)
    joined = st.lists(st.sampled_from(every), max_size=12).map("".join)
    if tokens:
        joined |= st.lists(st.sampled_from(tokens), max_size=16).map("".join)
    return mutated(originals, every) | joined | st.text(max_size=40)


def encoded(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Texts as bytes in several encodings, and other bytes."""
    encodings = [
        "utf-8",
        "utf-8",
        "utf-8",
        "utf-16",
        "utf-32",
        "utf-16-le",
        "utf-8-sig",
    ]
    return (
        st.builds(
            lambda text, name: text.encode(name, "surrogatepass"),
            texts,
            st.sampled_from(encodings),
        )
        | st.builds(
            lambda text, at, piece: text[: at % (len(text) + 1)] + piece + text[at:],
            texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
            st.integers(0, 200),
            st.binary(max_size=3),
        )
        | st.binary(max_size=60)
    )
