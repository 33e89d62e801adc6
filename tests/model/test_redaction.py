from __future__ import annotations

import pytest

from mixtui.model.secrets import REDACTED, Redactor, Secret

REDACTOR = Redactor([Secret('p"ss wörd'), Secret("abc"), Secret("abcdef"), Secret("")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ('x=p"ss wörd;', f"x={REDACTED};"),
        ("?k=p%22ss%20w%C3%B6rd&l", f"?k={REDACTED}&l"),
        ("k=p%22ss+w%C3%B6rd", f"k={REDACTED}"),
        ('{"k": "p\\"ss wörd"}', f'{{"k": "{REDACTED}"}}'),
        ('{"k": "p\\"ss w\\u00f6rd"}', f'{{"k": "{REDACTED}"}}'),
        ("abcdef abc", f"{REDACTED} {REDACTED}"),
    ],
)
def test_a_secret_is_masked_however_it_is_written(text: str, expected: str) -> None:
    assert REDACTOR.redact(text) == expected
    assert REDACTOR.redact_bytes(text.encode()) == expected.encode()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Basic Zm9v", f"Basic {REDACTED}"),
        ("authorization", "Bearer x y", f"Bearer {REDACTED}"),
        ("Authorization", "user:secret", REDACTED),
        ("Authorization", "ci.sa secret", REDACTED),
        ("Proxy-Authorization", "Basic Zm9v", f"Basic {REDACTED}"),
        ("Cookie", "a=b", REDACTED),
        ("X-Key", "abc", REDACTED),
        ("Accept", "*/*", "*/*"),
    ],
)
def test_a_credential_is_masked_in_headers(
    name: str, value: str, expected: str
) -> None:
    assert REDACTOR.redact_headers(((name, value),)) == ((name, expected),)


def test_the_repr_of_a_redactor_shows_no_secret() -> None:
    assert "abc" not in repr(REDACTOR)
