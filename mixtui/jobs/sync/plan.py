"""Compare what files say with what a project has, and decide what to do about it.

Three states are compared, each by key: the source, which is copied; the target, which is
made like it; and the base, which both were when they were last equal here. So it is known
who changed what, and nothing is overwritten that somebody else has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from mixtui.jobs.model import JobError

# https://developer.mixpanel.com/reference/lexicon-schemas-api
_DEFAULTS = {"hidden": False, "dropped": False}
"""Members of Lexicon that mean the same as none."""
_SETS = frozenset({"tags", "contacts", "teamContacts"})
"""Lists of Lexicon and of annotations whose order means nothing."""


class Item(Struct, frozen=True):
    """Something that a project has, such as a schema."""

    label: str
    """For people: ``event/Sign up``."""
    text: str
    """As it is shown in a diff: JSON, indented, its keys sorted."""
    digest: str
    """Equal for two that mean the same."""
    value: Any = None
    """What `text` shows."""


State = Mapping[str, Item]
"""All of a kind, by key."""
Base = Mapping[str, str]
"""Digests, by key."""


class Verdict(StrEnum):
    """What is done about a difference."""

    APPLY = "apply"
    """Only the source has changed: the target follows."""
    KEEP = "keep"
    """Only the target has changed: it stays as it is."""
    CONFLICT = "conflict"
    """Both have changed, to different ends."""
    UNPRUNED = "unpruned"
    """The source has none, and nobody asked to remove what is in the target."""


class Difference(Struct, frozen=True):
    """Something that is not the same in source and target."""

    key: str
    source: Item | None
    target: Item | None
    verdict: Verdict

    @property
    def label(self) -> str:
        """What it is about."""
        item = self.source or self.target
        assert item is not None
        return item.label

    @property
    def action(self) -> str:
        """What is done to the target: added, changed or removed."""
        if self.target is None:
            return "added"
        return "changed" if self.source is not None else "removed"


OnDone = Callable[[Difference, str], None]
"""Called after a change, with the key that it has on the server now."""


class Comparison(Struct, frozen=True):
    """All differences of two states, by label; what is removed comes last."""

    differences: tuple[Difference, ...]
    unchanged: int
    """How many are the same on both sides."""

    def of(self, verdict: Verdict) -> tuple[Difference, ...]:
        """Return those with a verdict."""
        return tuple(each for each in self.differences if each.verdict is verdict)

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What is to be done."""
        return self.of(Verdict.APPLY)


def make_item(label: str, value: Any, meaning: Any) -> Item:
    """Make an item of what its file holds.

    Args:
        label: For people.
        value: What the file holds, as JSON has it.
        meaning: The part of it that is compared.

    Raises:
        JobError: It is nested too deeply.
    """
    try:
        compared = msgspec.json.encode(normalize(meaning), order="sorted")
        text = format_json(value)
    except RecursionError:
        raise JobError(f"{label} is nested too deeply.") from None
    return Item(label, text, hashlib.sha256(compared).hexdigest()[:32], value)


def format_json(value: Any) -> str:
    """Return JSON as it is in files: a value a line, keys sorted, so that diffs are small."""
    text = msgspec.json.encode(value, order="sorted")
    return f"{msgspec.json.format(text, indent=2).decode()}\n"


def normalize(value: Any) -> Any:
    """Return a JSON value without what means nothing: empty members, and some orders."""
    if isinstance(value, dict):
        inner = {
            name: _sorted(each) if name in _SETS else normalize(each)
            for name, each in value.items()
        }
        return {
            name: each
            for name, each in inner.items()
            if each not in (None, "", [], {}) and each is not _DEFAULTS.get(name)
        }
    return [normalize(each) for each in value] if isinstance(value, list) else value


def _sorted(value: Any) -> Any:
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return sorted(value) if texts else normalize(value)


def compare(
    source: State,
    target: State,
    base: Base,
    *,
    prune: bool = False,
    overwrite: bool = False,
) -> Comparison:
    """Compare two states.

    Args:
        source: What is copied.
        target: What is made like it.
        base: What both were when they were last equal.
        prune: Remove from the target what the source does not have.
        overwrite: Make the target like the source even where the target was changed.
    """
    differences, unchanged = [], 0
    for key in {**source, **target}:
        ours, theirs = source.get(key), target.get(key)
        if _digest(ours) == _digest(theirs):
            unchanged += 1
            continue
        verdict = _verdict(_digest(ours), _digest(theirs), base.get(key))
        if overwrite:
            verdict = Verdict.APPLY
        if verdict is Verdict.APPLY and ours is None and not prune:
            verdict = Verdict.UNPRUNED
        differences.append(Difference(key, ours, theirs, verdict))
    differences.sort(key=lambda each: (each.source is None, each.label, each.key))
    return Comparison(tuple(differences), unchanged)


def next_base(base: Base | None, files: State, server: State) -> Base:
    """Return the base for next time.

    Args:
        base: So far; None = there was none, so what the server has is one.
        files: As they are now.
        server: As it is now.
    """
    if base is None:
        return {key: item.digest for key, item in server.items()}
    equal = {
        key: item.digest
        for key, item in server.items()
        if item.digest == _digest(files.get(key))
    }
    known = {
        key: digest for key, digest in base.items() if key in files or key in server
    }
    return {**known, **equal}


def digests(state: State) -> Base:
    """Return a state as a base."""
    return {key: item.digest for key, item in state.items()}


def _verdict(source: str | None, target: str | None, base: str | None) -> Verdict:
    if target == base:
        return Verdict.APPLY
    return Verdict.KEEP if source == base else Verdict.CONFLICT


def _digest(item: Item | None) -> str | None:
    return None if item is None else item.digest
