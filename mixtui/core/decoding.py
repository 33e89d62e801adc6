"""Undoes the Content-Encoding of a body while it comes, and guards against bombs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from mixtui.core.codings import (
    PIECE,
    BadEncoding,
    Coding,
    Gzip,
    decoder_for,
    supported_codings,
)
from mixtui.core.words import size

__all__ = [
    "PIECE",
    "BadEncoding",
    "Decoder",
    "Gzip",
    "IdentityDecoder",
    "accept_encoding",
    "decoder",
]

LIMIT = 100_000_000
"""Bytes that any body may unfold to, however small it came."""
RATIO = 200
"""A body beyond the limit may unfold to this many times its size; text seldom reaches
a tenth of that."""
_MOST_CODINGS = 4
_HELD = 1 << 16
"""Bytes kept as they came until something was decoded."""


class Decoder(Protocol):
    """Undoes all encodings of one body."""

    @property
    def notice(self) -> str:
        """A sentence about the body; empty if there is nothing to say."""
        ...

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: The body is damaged, or a bomb.
        """
        ...

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        ...


class IdentityDecoder:
    """A body that is sent as it is."""

    notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces."""
        yield data

    def finish(self) -> None:
        """Check that the body is whole."""


class _Bomb(BadEncoding):
    """The body unfolds without end."""


class _Unfolding:
    """Undoes the codings of a body, the last one first.

    A body that is not encoded at all, whatever its header says, is passed on as it came.
    """

    def __init__(self, codings: Sequence[tuple[str, Coding]]) -> None:
        """Nothing has come yet.

        Args:
            codings: In the order in which they are undone.
        """
        self._codings = codings
        self._unfolded = [0] * len(codings)
        """Bytes that each coding has become."""
        self._wire = 0
        self._held: bytes | None = b""
        """All that came, until something was decoded."""
        self.notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: The body is damaged, or a bomb.
        """
        if self.notice:
            yield data
            return
        self._wire += len(data)
        if self._held is not None:
            self._held += data
        try:
            for piece in self._decoded(data, 0):
                self._held = None
                yield piece
        except _Bomb:
            raise
        except BadEncoding:
            if self._held is None:
                raise
            names = ", ".join(name for name, _ in reversed(self._codings))
            self.notice = (
                f"The body is not the {names} that its header says: it is shown as it "
                "came."
            )
            yield self._held
        if self._held is not None and len(self._held) > _HELD:
            self._held = None

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        if not self.notice:
            for _, coding in self._codings:
                coding.finish()

    def _decoded(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._codings):
            yield data
            return
        for piece in self._codings[depth][1].feed(data):
            self._unfolded[depth] += len(piece)
            # Each layer is looked at: what lies inside may fold it up again.
            if LIMIT < self._unfolded[depth] > RATIO * self._wire:
                raise _Bomb(
                    f"it unfolds to more than {RATIO} times its size, and mixtui stops "
                    f"such a body at {size(LIMIT)}"
                )
            yield from self._decoded(piece, depth + 1)


def accept_encoding() -> str:
    """What a request offers: the codings that can be undone here."""
    return ", ".join(supported_codings())


def decoder(content_encoding: str) -> Decoder | None:
    """What undoes an encoding; None = nothing here does.

    Args:
        content_encoding: The header's value: codings in the order they were applied.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return IdentityDecoder()
    if len(names) > _MOST_CODINGS:
        return None
    codings = [(name, decoder_for(name)) for name in reversed(names)]
    known = [(name, coding) for name, coding in codings if coding is not None]
    return _Unfolding(known) if len(known) == len(codings) else None
