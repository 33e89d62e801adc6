from __future__ import annotations

import pytest

from mixtui.core.masking import Masker
from mixtui.core.secrets import MASK, Secret

MASKER = Masker([Secret('p"ss wörd'), Secret("abc"), Secret("abcdef"), Secret("")])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ('x=p"ss wörd;', f"x={MASK};"),
        ("?k=p%22ss%20w%C3%B6rd&l", f"?k={MASK}&l"),
        ("k=p%22ss+w%C3%B6rd", f"k={MASK}"),
        ('{"k": "p\\"ss wörd"}', f'{{"k": "{MASK}"}}'),
        ('{"k": "p\\"ss w\\u00f6rd"}', f'{{"k": "{MASK}"}}'),
        ("abcdef abc", f"{MASK} {MASK}"),
    ],
)
def test_a_secret_is_masked_however_it_is_written(text: str, shown: str) -> None:
    assert MASKER.text(text) == shown
    assert MASKER.content(text.encode()) == shown.encode()


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Basic Zm9v", f"Basic {MASK}"),
        ("authorization", "Bearer x y", f"Bearer {MASK}"),
        ("Authorization", "user:secret", MASK),
        ("Authorization", "ci.sa secret", MASK),
        ("Proxy-Authorization", "Basic Zm9v", f"Basic {MASK}"),
        ("Cookie", "a=b", MASK),
        ("X-Key", "abc", MASK),
        ("Accept", "*/*", "*/*"),
    ],
)
def test_a_credential_is_masked_in_headers(name: str, value: str, shown: str) -> None:
    assert MASKER.headers(((name, value),)) == ((name, shown),)


def test_a_masker_shows_no_secret() -> None:
    assert "abc" not in repr(MASKER)
