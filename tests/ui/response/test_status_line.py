"""The status line at every width of a terminal."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from textual.content import Content

from mixtui.mixpanel.endpoints import Safety
from mixtui.ui.response.state import Received
from mixtui.ui.response.status_line import _cancelled, _received
from mixtui.ui.widgets.fitted import fit_lines
from tests.ui.response.host import received

STATES = {
    "received": lambda: _received(received('{"a": 1}'), ""),
    "next page": lambda: _received(received("[1]"), "Page 1 of 12 · m Next page"),
    "cancelled": lambda: _cancelled(Safety.WRITE, 0.008),
    "notice": lambda: Content(
        "partially imported: 23 stored, 2 rejected  1.2 MB · 12 min\n59 of 60 queries left "
        "(resets in 12 min); the last took 8 ms and 569 B"
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_no_figure_stands_apart_from_its_unit(state: str) -> None:
    content = STATES[state]()
    for width in range(60, 201):
        for inner in (width - 4, width // 2 - 4):
            lines = [line.plain for line in fit_lines(content, inner, 6)]
            for line, following in pairwise(lines):
                is_apart = re.search(r"\d\Z", line) and re.match(
                    r"(?:[KMG]?B|ms|s|min|h)\b", following
                )
                assert not is_apart, (inner, lines)


def test_the_status_of_a_response_is_whole_at_every_width() -> None:
    state = received('{"a": 1}')
    assert isinstance(state, Received)
    for width in range(56, 200):
        shown = "".join(
            line.plain for line in fit_lines(_received(state, ""), width, 6)
        )
        assert "…" not in shown
