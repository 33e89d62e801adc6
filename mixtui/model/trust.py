"""Trust: what the files of a collection may use of this machine.

Anybody may have written a collection. Until the person trusts its folder, nothing that it
says reads a variable of the process, a file outside the folder or a secret, or decides
which host a request goes to, which certificates are believed, or which environment is in
use. direnv and editors ask in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.model.errors import MixtuiError


class PowerKind(StrEnum):
    """What a collection can reach beyond its own files."""

    VARIABLE = "variable"
    FILE = "file"
    HOST = "host"
    SECRET = "secret"
    CERTIFICATE = "certificate"
    ENVIRONMENT = "environment"


_CLAUSES = {
    PowerKind.VARIABLE: "reads the environment variable {}",
    PowerKind.FILE: "sends the file {}",
    PowerKind.HOST: "sends requests to {}",
    PowerKind.SECRET: "uses {}",
    PowerKind.CERTIFICATE: "uses the certificate file {}",
    PowerKind.ENVIRONMENT: "chooses the environment {}",
}


class Power(Struct, frozen=True, order=True):
    """One thing that a collection reaches beyond its own files."""

    kind: PowerKind
    target: str
    """The name of a variable or environment, an absolute path, a base URL, or what a
    secret is read from.
    """

    def __str__(self) -> str:
        """Return a clause for the user, such as “reads the variable HOME”."""
        return _CLAUSES[self.kind].format(self.target)


class Trust(Struct, frozen=True):
    """What the person allows the files of one folder to use.

    Without a root, everything: the person typed it, or mixtui made the folder here.
    """

    root: Path | None = None
    """The folder that is not trusted with anything else."""
    granted: frozenset[Power] = frozenset()

    def missing(self, powers: Iterable[Power]) -> tuple[Power, ...]:
        """Return the powers that are not granted, in order."""
        if self.root is None:
            return ()
        return tuple(sorted(set(powers) - self.granted))

    def with_granted(self, powers: Iterable[Power]) -> Trust:
        """Return the same trust with more powers."""
        return replace(self, granted=self.granted | frozenset(powers))


FULL_TRUST = Trust()
"""For what the person typed, and for folders that mixtui made."""


class DraftOrigin(Struct, frozen=True):
    """Where a draft comes from."""

    folder: Path = Path()
    """What relative file paths in it are relative to."""
    trust: Trust = FULL_TRUST


TYPED = DraftOrigin()
"""A draft that was typed, not read from a file."""


class TrustError(MixtuiError):
    """A request needs powers that its folder is not trusted with."""

    def __init__(self, root: Path, powers: tuple[Power, ...]) -> None:
        from shlex import quote

        super().__init__(
            f"The collection {root} is not trusted, and it {join_clauses(powers)}. "
            f"To allow that, run: mixtui trust {quote(str(root))}"
        )
        self.root = root
        self.powers = powers


def join_clauses(powers: Iterable[Power]) -> str:
    """Return what powers do, as one clause."""
    clauses = [str(power) for power in powers]
    if len(clauses) < 2:
        return "".join(clauses)
    return f"{', '.join(clauses[:-1])} and {clauses[-1]}"
