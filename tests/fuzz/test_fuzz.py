"""A few examples of each target; `python -m tests.fuzz` tries as many as one likes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import strategies as st

import mixtui
from tests.fuzz.__main__ import main
from tests.fuzz.target import (
    Failure,
    Hang,
    Target,
    check_sentence,
    fuzz,
    limited_time,
    noting,
)
from tests.fuzz.targets import OWN, TARGETS, readers

ROOT = Path(mixtui.__file__).parent


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_others_wrote_is_read_or_refused_in_a_sentence(target: Target) -> None:
    fuzz(target, target.examples)


def test_each_function_that_reads_text_from_others_is_reached_by_a_target() -> None:
    entered: set[tuple[str, str]] = set()
    for target in TARGETS:
        fuzz(replace(target, check=noting(entered, target.check)), 15)
    reached = {(Path(file), name) for file, name in entered}
    missing = [
        f"{file}: {name}"
        for file, name in readers()
        if (ROOT / file, name) not in reached
    ]
    assert not missing, "\n".join(["add a target in tests/fuzz for:", *missing])


def test_each_file_that_is_listed_as_our_own_exists() -> None:
    assert not [n for n in OWN if not (ROOT / n.partition(":")[0]).is_file()]


def test_the_names_of_targets_differ() -> None:
    names = [target.name for target in TARGETS]
    assert len(set(names)) == len(names)


def test_a_target_that_does_not_hold_reports_its_smallest_example() -> None:
    def check(number: int) -> None:
        assert number < 100

    with pytest.raises(Failure) as caught:
        fuzz(Target("small", st.integers(), check), 100, 1)
    assert caught.value.example == 100


def test_an_example_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.target._HANG_SECONDS", 0.01)
    with pytest.raises(Hang), limited_time():
        while True:
            pass


@pytest.mark.parametrize("text", ["", "no full stop", "<X object at 0x7f>."])
def test_a_message_that_is_not_a_sentence_is_a_failure(text: str) -> None:
    with pytest.raises(AssertionError):
        check_sentence(text)


def test_a_secret_in_a_message_is_a_failure() -> None:
    with pytest.raises(AssertionError):
        check_sentence("The password hunter2 is wrong.", "hunter2")


def test_the_command_says_what_failed_and_how_to_repeat_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check(text: str) -> None:
        assert "a" not in text, text

    target = Target("letters", st.text(), check)
    monkeypatch.setattr("tests.fuzz.__main__.TARGETS", (target,))
    assert main(["letters", "--seed", "1", "--examples", "2000"]) == 1
    printed = capsys.readouterr().out
    assert "  'a'\n" in printed
    assert "python -m tests.fuzz 'letters' --seed 1 --examples 2000\n" in printed
    assert main(["nothing"]) == 2
