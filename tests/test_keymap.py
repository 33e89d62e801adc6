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


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_key_that_textual_names_is_one(name: str) -> None:
    assert not any("no key that" in text for text in problems("tree.find", name))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_types_a_character_is_no_command_for_everywhere(name: str) -> None:
    character = key_to_character(name)
    if character is not None and character.isprintable():
        assert "is typed into fields" in problems("find", name)[0]


@pytest.mark.parametrize("sign", ["/", "\\", "-", "_", "@", "+"])
def test_signs_with_short_names_are_typed_too(sign: str) -> None:
    assert "is typed into fields" in problems("find", sign)[0]


@pytest.mark.parametrize("name", ["f25", "bogus", "ctrl+bogus", "hypr+a", ""])
def test_other_names_are_no_keys(name: str) -> None:
    assert problems("find", name)
