"""What was entered last for inputs is remembered, in a private file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.answers import MAX_REQUESTS, AnswerStore

ONE, TWO = Path("/c/one.toml"), Path("/c/two.toml")


def test_each_request_has_its_own_values(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path)
    assert store.load(ONE) == {}
    store.store(ONE, {"city": "Oslo", "emoji": "é😀\udce9"})
    store.store(TWO, {"city": "Bern"})
    assert AnswerStore(tmp_path).load(ONE) == {"city": "Oslo", "emoji": "é😀\udce9"}
    store.store(ONE, {})
    assert (store.load(ONE), store.load(TWO)) == ({}, {"city": "Bern"})
    assert (tmp_path / "inputs.json").stat().st_mode & 0o777 == 0o600


def test_the_requests_sent_last_and_values_of_usual_length_are_kept(
    tmp_path: Path,
) -> None:
    store = AnswerStore(tmp_path)
    many = ", ".join(f'"{number}": {{"a": "b"}}' for number in range(MAX_REQUESTS))
    (tmp_path / "inputs.json").write_text(f"{{{many}}}")
    store.store(ONE, {"a": "b", "long": "x" * 10_001})
    assert store.load(ONE) == {"a": "b"}
    assert store.load(Path("0")) == {}
    assert store.load(Path("1")) == {"a": "b"}


def test_values_follow_a_request_and_a_folder_that_is_moved(tmp_path: Path) -> None:
    store = AnswerStore(tmp_path)
    store.follow(ONE, TWO)
    assert not [*tmp_path.iterdir()], "there was nothing to follow"
    store.store(ONE, {"city": "Oslo"})
    store.store(Path("/c/a/b.toml"), {"city": "Bern"})
    store.follow(ONE, TWO)
    store.follow(Path("/c/a"), Path("/d"))
    assert (store.load(ONE), store.load(TWO)) == ({}, {"city": "Oslo"})
    assert store.load(Path("/d/b.toml")) == {"city": "Bern"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"/c/one.toml": 5}',
        '{"/c/one.toml": {"city": 5}}',
        "\x00",
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "inputs.json").write_text(content)
    store = AnswerStore(tmp_path)
    assert store.load(ONE) == {}
    store.store(ONE, {"city": "Oslo"})
    assert store.load(ONE) == {"city": "Oslo"}
