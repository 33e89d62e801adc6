"""Tags of saved requests: what is typed, shown and compared."""

from __future__ import annotations

from collections.abc import Iterable

from mixtui.storage.paths import display_name, fold_name


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the tags that somebody typed, separated by commas; each once.

    A tag may be written as it is searched, ``#weekly``.
    """
    return shown_tags(_plain(part).lstrip("# ") for part in text.split(","))


def join_tags(tags: Iterable[str]) -> str:
    """Return tags as people type them."""
    return ", ".join(tags)


def shown_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags safe to show: each once, in their order, none empty."""
    by_fold: dict[str, str] = {}
    for each in tags:
        if tag := _plain(each):
            by_fold.setdefault(fold_name(tag), tag)
    return tuple(by_fold.values())


def has_tags(tags: Iterable[str], wanted: Iterable[str]) -> bool:
    """Return whether all that is wanted is among tags; case does not matter."""
    return {fold_name(each) for each in parse_tags(join_tags(wanted))} <= {
        fold_name(each) for each in tags
    }


def _plain(tag: str) -> str:
    return display_name(" ".join(tag.replace(",", " ").split()))
