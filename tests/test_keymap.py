"""People's own keys: which names are keys, and which of them type something."""

from __future__ import annotations

import pytest
from textual.keys import KEY_TO_UNICODE_NAME, Keys, key_to_character

from mixtui.keymap import check_keys

NAMES = {key.value.rpartition("+")[2] for key in Keys if key.value[:1].isalpha()} | set(
    KEY_TO_UNICODE_NAME
)


def problems(action_id: str, *keys: str) -> tuple[str, ...]:
    return check_keys({action_id: list(keys)})[1]


def test_every_key_that_textual_names_is_one() -> None:
    for name in NAMES:
        assert "no key that" not in "".join(problems("tree.find", name)), name


def test_a_printable_key_cannot_act_everywhere() -> None:
    typing = {name for name in NAMES if (key_to_character(name) or "\0").isprintable()}
    assert len(typing) > 30
    for name in typing:
        assert "types text in input fields" in problems("find", name)[0], name


@pytest.mark.parametrize("sign", ["/", "\\", "-", "_", "@", "+"])
def test_signs_with_short_names_are_typed_too(sign: str) -> None:
    assert "types text in input fields" in problems("find", sign)[0]


@pytest.mark.parametrize("name", ["f25", "bogus", "ctrl+bogus", "hypr+a", ""])
def test_other_names_are_not_keys(name: str) -> None:
    assert problems("find", name)
