from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.errors import StorageError
from mixtui.storage import paths


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Weekly sign-ups", "weekly-sign-ups"),
        ("  GET /events?x=1  ", "get-events-x-1"),
        ("Übersicht für Zoë", "übersicht-für-zoë"),
        ("U\u0308ber", "über"),
        ("日報 2024", "日報-2024"),
        ("हिन्दी", "हिन्दी"),
        ("../../etc/passwd", "etc-passwd"),
        ("---", "request"),
        ("", "request"),
        ("\ud800", "request"),
        ("CON", "con-request"),
        ("lpt9", "lpt9-request"),
        ("mixtui", "mixtui-request"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_becomes_a_slug(name, slug):
    assert paths.slug(name) == slug


@given(st.text())
def test_any_name_becomes_a_portable_slug(name):
    slug = paths.slug(name)
    assert paths.validate_name(slug, Path("folder")) == slug
    assert len(slug.encode()) <= 200


@pytest.mark.parametrize(
    ("stem", "existing", "expected"),
    [
        ("a", set(), "a"),
        ("a", {"a"}, "a-2"),
        ("a", {"a", "a-2", "a-4"}, "a-3"),
        ("A", {"a"}, "A-2"),
        ("\u00e9", {paths.fold_name("E\u0301")}, "\u00e9-2"),
    ],
)
def test_a_name_in_use_gets_a_number(stem, existing, expected):
    assert paths.unique_name(stem, existing) == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("..", "refer to another folder"),
        (".", "refer to another folder"),
        ("a/b", "refer to another folder"),
        ("a\\b", "refer to another folder"),
        ("/etc", "refer to another folder"),
        ("a:b", "it contains :, which some systems do not allow"),
        ("a\x1b[m", "a control character"),
        ("a\ud800", "a control character"),
        (".hidden", "starts with a dot"),
        ("dot.", "ends with a dot"),
        ("aux.x", "Windows reserves it"),
        ("mixtui", "for the collection itself"),
        ("Mixtui.toml", "for the collection itself"),
        ("é" * 200, "too long"),
    ],
)
def test_an_invalid_name_is_refused(name, message):
    with pytest.raises(StorageError, match="is not a valid name") as caught:
        paths.validate_name(name, Path("folder"))
    assert message in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_spaces_around_a_name_are_stripped():
    assert paths.validate_name(" My folder ", Path("folder")) == "My folder"


def test_a_displayed_name_has_no_control_characters() -> None:
    assert paths.display_name("a\x1b]0;x\x07\x9b\ud800é👩‍💻") == "a␛]0;x␇␦␦é👩‍💻"


def test_a_displayed_name_does_not_change_the_order_of_what_follows() -> None:
    assert paths.display_name("a\u202eb\u2066c\u200b") == "a␦b␦c␦"
