"""Show differences as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.diff.json_diff import NotComparable
from mixtui.diff.text_diff import diff_text
from mixtui.jobs.sync.plan import Difference, Item

_NOTHING = "/dev/null"


def diff_lines(difference: Difference, source: str, target: str) -> Iterator[str]:
    """Yield the lines that make the target like the source.

    Args:
        difference: Of the two.
        source: What the source is called in front of a label.
        target: What the target is called.
    """
    old, new = difference.target, difference.source
    yield f"--- {_name(target, old)}"
    yield f"+++ {_name(source, new)}"
    if old is None or new is None:
        sign, item = ("+", new) if new is not None else ("-", old)
        assert item is not None
        lines = item.text.splitlines()
        yield (
            f"@@ -0,0 +1,{len(lines)} @@"
            if sign == "+"
            else f"@@ -1,{len(lines)} +0,0 @@"
        )
        yield from (f"{sign}{line}" for line in lines)
        return
    diff = diff_text(old.text.encode(), new.text.encode())
    if isinstance(diff, NotComparable):
        yield diff.reason
    else:
        yield from diff.text.split("\n")


def _name(side: str, item: Item | None) -> str:
    return _NOTHING if item is None else f"{side}/{item.label}"
