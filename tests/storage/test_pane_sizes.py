"""The sizes of panes, remembered between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.pane_sizes import PaneSizes, load_pane_sizes, store_pane_sizes


def test_what_was_chosen_is_there_again(tmp_path: Path) -> None:
    sizes = PaneSizes(sidebar=40, width_share=0.4)
    store_pane_sizes(sizes, tmp_path)
    assert load_pane_sizes(tmp_path) == sizes


def test_it_is_private(tmp_path: Path) -> None:
    store_pane_sizes(PaneSizes(), tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "nonsense",
        "{}",
        '{"sidebar": "wide", "width_share": true, "height_share": 7}',
        '{"sidebar": -3, "width_share": 0.0, "height_share": NaN}',
        '{"sidebar": true}',
        "\x00\xff",
        "[" * 100_000,
    ],
)
def test_nonsense_chooses_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "panes.json").write_text(text, encoding="latin-1")
    assert load_pane_sizes(tmp_path) == PaneSizes()
