"""Brackets and quotes that close themselves."""

from __future__ import annotations

import pytest

from mixtui.editing.pairs import Effect, effect, is_empty_pair

INSERT, PAIR, SKIP = Effect.INSERT, Effect.PAIR, Effect.SKIP
EFFECTS = {
    "a bracket at the end of a line": ("{", "", "", PAIR),
    "a list before a comma": ("[", '{"a": ', ", 1}", PAIR),
    "a bracket within brackets, for a template": ("{", "{", "}", PAIR),
    "a bracket before a value": ("[", "", '{"a": 1}', INSERT),
    "a bracket in a string": ("{", '{"a": "x', '"}', INSERT),
    "a bracket behind a string": ("[", '{"a]": ', "}", PAIR),
    "a closer over itself": ("}", "{", "}", SKIP),
    "a closer before something else": ("]", "[1", "}", INSERT),
    "a closer in a string": ("}", '"{', '}"', INSERT),
    "a quote at the end of a line": ('"', "{", "", PAIR),
    "a quote before a closer": ('"', "[", "]", PAIR),
    "a quote before a value": ('"', "[", "a]", INSERT),
    "a quote behind a word": ('"', "[a", "]", INSERT),
    "a quote behind a digit": ('"', "[1", "]", INSERT),
    "a quote behind a string": ('"', '["a"', "]", INSERT),
    "a quote that ends its string": ('"', '["a', '"]', SKIP),
    "a quote that ends an empty string": ('"', '["', '"]', SKIP),
    "a quote in a string": ('"', '["a', 'b"]', INSERT),
    "a quote behind a backslash": ('"', r'["a\ '.rstrip(), '"]', INSERT),
    "a quote behind an escaped backslash": ('"', r'["a\\ '.rstrip(), '"]', SKIP),
    "a quote behind an escaped quote": ('"', r'["\"', '"]', SKIP),
    "a very long line": ("{", " " * 60_000, "", INSERT),
}


@pytest.mark.parametrize(
    ("character", "before", "after", "result"), EFFECTS.values(), ids=EFFECTS
)
def test_a_character_does_what_fits_its_place(
    character: str, before: str, after: str, result: Effect
) -> None:
    assert effect(character, before, after) is result


@pytest.mark.parametrize(
    ("before", "after", "is_pair"),
    [
        ("{", "}", True),
        ("[1, [", "]]", True),
        ('["', '"]', True),
        ("{", "]", False),
        ("{ ", "}", False),
        ('"{', '}"', False),
        ('"a"', '"b"', False),
        (r'"\"', '"', False),
        ("", "}", False),
        ("{", "", False),
    ],
)
def test_an_empty_pair_is_known(before: str, after: str, is_pair: bool) -> None:
    assert is_empty_pair(before, after) is is_pair
