"""A secret is masked in every form that a server may write it in, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mixtui.model.redaction import MIN_LENGTH, Redactor
from mixtui.model.secrets import REDACTED, Secret
from tests.encodings import FORMS, json_text

SECRET = 'kq7/very "secret"+zx9 é😀<&%41>'
REDACTOR = Redactor([Secret(SECRET)])


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form_and_in_two_of_them(form: str) -> None:
    once = FORMS[form](SECRET)
    for written in (once, *(encode(once) for encode in FORMS.values())):
        text = f'{{"a": "{written}", "b": [1, 2]}}'
        masked = REDACTOR.redact(text)
        assert REDACTED in masked
        assert masked.startswith('{"a": "')
        assert masked.endswith('", "b": [1, 2]}')
        assert REDACTOR.redact_bytes(text.encode()) == masked.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (f"x={SECRET};", f"x={REDACTED};"),
        (f"{SECRET}{SECRET}", REDACTED * 2),
        (
            f'{{"k": "{json_text(json_text(json_text(SECRET)))}"}}',
            f'{{"k": "{REDACTED}"}}',
        ),
        (f"?k={quote(quote(SECRET))}&l=%20", f"?k={REDACTED}&l=%20"),
        (SECRET[:-1], SECRET[:-1]),
    ],
)
def test_only_what_was_written_for_the_secret_is_replaced(
    text: str, expected: str
) -> None:
    assert REDACTOR.redact(text) == expected


def test_a_body_in_utf_16_is_masked() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        masked = Redactor([Secret("kq7-secret")]).redact_bytes(
            "<kq7-secret>".encode(encoding)
        )
        assert REDACTED.encode() in masked
        assert b"k\0q\0" not in masked


def test_of_secrets_that_overlap_none_is_left() -> None:
    redactor = Redactor(map(Secret, ("abcdefgh", "abcdefghij", "hijklmno")))
    assert redactor.redact("abcdefghijklmno abcdefghi") == f"{REDACTED} {REDACTED}i"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eu: Europe, neutral, EU", f"{REDACTED}: Europe, neutral, EU"),
        ("?region=eu&x=1", f"?region={REDACTED}&x=1"),
        ("a%3Deu", "a%3Deu"),
    ],
)
def test_a_short_secret_is_masked_as_a_word_and_in_no_body(
    text: str, expected: str
) -> None:
    redactor = Redactor([Secret("eu"), Secret("")])
    assert redactor.redact(text) == expected
    assert redactor.redact_bytes(text.encode()) == text.encode()
    assert not redactor.has_match([text.encode()])


def test_bytes_that_are_not_text_are_masked_as_they_were_sent() -> None:
    redactor = Redactor([Secret("caf\udce9-secret")])
    assert redactor.redact_bytes(b"<caf\xe9-secret>") == f"<{REDACTED}>".encode()
    assert redactor.redact("<caf%E9-secret>") == f"<{REDACTED}>"
    latin = Redactor([Secret("café-secret")])
    assert latin.redact_bytes("<café-secret>".encode("latin-1")) == (
        f"<{REDACTED}>".encode()
    )
    assert latin.redact("<cafÃ©-secret>") == f"<{REDACTED}>"
    assert latin.redact(r"b'caf\xc3\xa9-secret'") == f"b'{REDACTED}'"


_SECRETS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=MIN_LENGTH
) | st.from_regex(r"[\\%&+/=\"'a-zA-Z0-9#;: -]{6,40}", fullmatch=True)
_STEPS = st.lists(st.sampled_from(sorted(FORMS)), max_size=3)
_AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(secret=_SECRETS, steps=_STEPS, before=_AROUND, after=_AROUND)
@example('a"b%41c', ["JSON of Python", "Base64", "URL"], "x", "y")
@example("00000000", ["Base64 in lines", "C"], "", "")
@example("abc def", ["form"], "", "")
def test_any_secret_in_any_three_forms_is_masked_in_any_text(
    secret: str, steps: list[str], before: str, after: str
) -> None:
    assume(REDACTED[0] not in secret)
    redactor = Redactor([Secret(secret)])
    # A text that ends in half an escape may be read in two ways.
    written = f"{before}\n{secret}\n{after}"
    for step in steps:
        written = FORMS[step](written)
    masked = redactor.redact(f"{before}\n{written}\n{after}")
    assert REDACTED in masked
    assert secret not in masked
    assert redactor.redact(masked) == masked


@given(steps=_STEPS, text=st.text())
def test_a_text_without_the_secret_stays_as_it_is(steps: list[str], text: str) -> None:
    assume(SECRET not in text)
    written = text
    for step in steps:
        written = FORMS[step](written)
    assert REDACTOR.redact(written) is written
    body = written.encode("utf-8", "surrogatepass")
    assert REDACTOR.redact_bytes(body) == body
    assert not REDACTOR.has_match([body])


# Bodies of any size

LARGE = Redactor([Secret("kq7/very-secret+zx9")])
_MB = 1 << 20


def _cut(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("line_end", ["", "\n"])
@pytest.mark.parametrize("form", ["JSON, all escaped", "Base64, shifted by one", "URL"])
def test_a_secret_across_the_blocks_of_a_large_body_is_masked(
    form: str, line_end: str
) -> None:
    written = FORMS[form]("kq7/very-secret+zx9").encode()
    filler = ("event name; " * 80 + line_end).encode()
    block = _MB + LARGE._reach
    for inside in (0, 1, len(written) // 2, len(written) - 1, len(written) + 2):
        body = (filler * (2 * _MB // len(filler)))[: _MB - inside]
        body += b"<" + written + b">" + filler * 300
        assert LARGE.has_match(_cut(body, block))
        masked = b"".join(LARGE.redact_chunks(_cut(body, block)))
        assert masked == body.replace(written, REDACTED.encode())


def test_a_large_body_without_the_secret_is_passed_on_as_received() -> None:
    body = b'{"event": "a\\/b", "u": "%2Fx&amp;", "h": "' + b"9f" * 40 + b'"}\n'
    body *= 3 * _MB // len(body)
    assert not LARGE.has_match(_cut(body, _MB))
    assert b"".join(LARGE.redact_chunks(_cut(body, _MB))) == body


def test_a_text_that_could_be_decoded_for_ever_takes_a_bounded_time() -> None:
    body = (b"\\u0025%255c&amp;#37;%5Cu0041" + b"QUJD" * 40 + b"&amp;%25") * 400
    assert LARGE.redact_bytes(body) == body


# Headers


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Basic Zm9v", f"Basic {REDACTED}"),
        ("authorization", "Bearer x y", f"Bearer {REDACTED}"),
        ("Authorization", "user:secret", REDACTED),
        ("Authorization", "ci.sa secret", REDACTED),
        ("Proxy-Authorization", "Basic Zm9v", f"Basic {REDACTED}"),
        ("Cookie", "a=b", REDACTED),
        ("X-Key", SECRET, REDACTED),
        ("Accept", "*/*", "*/*"),
    ],
)
def test_a_credential_is_masked_in_headers(
    name: str, value: str, expected: str
) -> None:
    assert REDACTOR.redact_headers(((name, value),)) == ((name, expected),)


def test_a_secret_is_masked_before_a_text_is_shortened() -> None:
    text = "x" * 35 + SECRET
    assert "kq7" not in REDACTOR.excerpt(text, 40)


def test_the_repr_of_a_redactor_shows_no_secret() -> None:
    assert "kq7" not in repr(REDACTOR)
