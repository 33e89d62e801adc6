"""What a fuzz target is, and how examples are tried on it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mixtui.model.errors import MixtuiError

_HANG_SECONDS = 10
"""Processor time of an example; the slowest takes a hundredth of it."""
_MAX_SENTENCE = 2_000
"""Characters."""
_SENTENCE_ENDS = (".", "?", "…", "”", ")", "!")
SECRET = "kq7zx9-pl4nted"
"""What no error may contain."""


@dataclass(frozen=True)
class Target:
    """A reader of foreign text, what it is given, and what must hold then."""

    name: str
    strategy: st.SearchStrategy[Any]
    check: Callable[[Any], object]
    """Raises AssertionError if something does not hold."""
    examples: int = 25
    """Examples in the suite."""


class Hang(AssertionError):
    """An example takes so long that it may never end."""


class Failure(Exception):
    """An example for which a target does not hold."""

    def __init__(self, target: Target, example: object, error: BaseException) -> None:
        super().__init__(f"{target.name}: {error!r:.2000}")
        self.target, self.example, self.error = target, example, error


def fuzz(target: Target, examples: int, number: int | None = None) -> None:
    """Try examples of a target.

    Args:
        target: The target.
        examples: How many.
        number: The seed; None = the examples that the suite always tries.

    Raises:
        Failure: The smallest example that fails.
    """
    last: object = None

    def attempt(example: object) -> None:
        nonlocal last
        last = example
        with limited_time():
            target.check(example)

    run = settings(
        max_examples=examples,
        derandomize=number is None,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )(given(target.strategy)(attempt))
    try:
        (run if number is None else seed(number)(run))()
    except Exception as error:
        # Hypothesis tries the smallest one again at the end.
        raise Failure(target, last, error) from error


@contextmanager
def limited_time() -> Iterator[None]:
    """Raise Hang in what takes too much processor time, also in a regular expression."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hang(f"more than {_HANG_SECONDS} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def refused(call: Callable[[], Any], *errors: type[Exception], secret: str = "") -> Any:
    """Return what a reader returns; None if it refuses the text in a plain sentence.

    Args:
        call: Calls the reader.
        errors: Those of its own that are not MixtuiErrors; their text is a clause.
        secret: What no error may contain.
    """
    try:
        return call()
    except MixtuiError as error:
        check_sentence(str(error), secret)
    except errors as error:
        assert str(error).strip(), repr(error)
        assert not secret or secret not in str(error), str(error)
    return None


def check_sentence(text: str, secret: str = "") -> None:
    """Check that a text is a sentence; whoever shows it replaces control characters."""
    assert text.strip() and len(text) <= _MAX_SENTENCE, text[:_MAX_SENTENCE]
    assert text.rstrip().endswith(_SENTENCE_ENDS), text
    assert "Traceback" not in text and " object at 0x" not in text, text
    assert not secret or secret not in text, text


def noting(
    entered: set[tuple[str, str]], check: Callable[[Any], object]
) -> Callable[[Any], None]:
    """Return a check that adds each function that it enters, by its file and its name."""

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            entered.add((frame.f_code.co_filename, frame.f_code.co_name))

    def run(example: object) -> None:
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            check(example)
        finally:
            sys.setprofile(before)

    return run
