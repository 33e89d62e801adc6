"""Opens the screen of SQL without a wait for what it imports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.actions import Action

if TYPE_CHECKING:
    from mixtui.ui.sql.screen import SqlScreen


async def make_sql_screen(
    patterns: Sequence[str], folder: Path, state: Path, actions: Sequence[Action]
) -> SqlScreen:
    """Return the screen for some files; as `SqlScreen`."""
    screen = await asyncio.to_thread(_load)
    return screen(patterns, folder, state, actions=actions)


def _load() -> type[SqlScreen]:
    from mixtui.editing.sql import sql_lexer
    from mixtui.ui.sql.screen import SqlScreen

    sql_lexer()
    return SqlScreen
