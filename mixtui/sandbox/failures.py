"""Failures on purpose, for rehearsal: ``mixtui sandbox --fail 429:/api/query``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STATUSES = (401, 402, 403, 429, 500, 502, 503, 504)
RETRY_SECONDS = 60
"""What a failure with 429 says in ``Retry-After``."""


@dataclass(frozen=True, slots=True)
class Status:
    """An answer with this status, and nothing is done."""

    code: int


@dataclass(frozen=True, slots=True)
class Slow:
    """The true answer, late and in pieces."""

    wait: float = 2.0
    """Seconds before the answer begins."""
    pause: float = 0.5
    """Seconds after each piece of its body."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The true answer, cut in the middle together with the connection."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What happens to the requests whose path begins so."""

    manner: Status | Slow | Drop
    prefix: str = "/"
    """Of the path, without the region's."""


def parsed(text: str) -> Failure:
    """The failure that a person asks for, such as ``429:/api/query``.

    Raises:
        ValueError: There is no such failure; its text is a part of a sentence.
    """
    word, colon, prefix = text.partition(":")
    if colon and not prefix.startswith("/"):
        raise ValueError(f"the path in «{text}» must begin with /, as in {word}:/api")
    manner: Status | Slow | Drop
    match word:
        case "slow":
            manner = Slow()
        case "drop":
            manner = Drop()
        case _ if word in map(str, STATUSES):
            manner = Status(int(word))
        case _:
            known = ", ".join(map(str, STATUSES))
            raise ValueError(f"«{word}» is none of {known}, slow and drop")
    return Failure(manner, prefix or "/")


def failure_of(failures: Iterable[Failure], path: str) -> Status | Slow | Drop | None:
    """What is to happen to a path; of several, the one that names the most of it."""
    fitting = [failure for failure in failures if path.startswith(failure.prefix)]
    if not fitting:
        return None
    return max(fitting, key=lambda failure: len(failure.prefix)).manner
