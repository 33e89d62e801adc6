"""Children that make a change of the table of kinds, and say how it ended."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mixtui.model.errors import MixtuiError
from tests.storage.random_kills import CHANGES


class Result(NamedTuple):
    """How a change ended."""

    is_done: bool
    sentence: str
    """Why it was not made; empty = it was."""


class Child(NamedTuple):
    """A child that makes a change."""

    process: int
    pipe: int

    def result(self) -> Result:
        """Wait for it.

        Raises:
            AssertionError: It ended with an error that is not one of ours.
        """
        with open(self.pipe, "rb") as pipe:
            text = pipe.read().decode()
        os.waitpid(self.process, 0)
        assert text.startswith(("done", "refused")), text
        return Result(text == "done", text.removeprefix("refused").removeprefix("done"))


def start_change(name: str, folder: Path, prepare: Callable[[], object]) -> Child:
    """Fork a child that makes a change.

    Args:
        name: Of the kind of write.
        folder: What it changes.
        prepare: What the child does before.
    """
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return Child(child, read)
    text = ""
    try:
        prepare()
        CHANGES[name](folder)
        text = "done"
    except MixtuiError as error:
        text = f"refused{error}"
    except BaseException as error:
        text = f"unexpected{error!r}"
    finally:
        os.write(write, text.encode())
        os._exit(0)


def is_sentence(text: str) -> bool:
    """Whether a text is what a person can use: one line that names no code or type."""
    return (
        text.endswith(".")
        and text.isprintable()
        and not any(each in text for each in ("Errno", "Error", "None", ": ."))
    )
