"""Make a recipe of a file and of options, which win over it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from mixtui.cli.arguments import parse_pair
from mixtui.jobs.recipe import ColumnType, Recipe, load_recipe

_R = TypeVar("_R", bound=Recipe)

_TABLES = ("keep", "drop", "rename", "types")
"""Keys that options add to; of the others, options win."""
_TYPES = {
    "number": ColumnType.NUMBER,
    "boolean": ColumnType.BOOLEAN,
    "parse_json": ColumnType.JSON,
}


def recipe_from_arguments(arguments: Namespace, folder: Path, kind: type[_R]) -> _R:
    """Return the recipe.

    Args:
        arguments: Of the command line; each key of the recipe is an option.
        folder: What a relative path is relative to.
        kind: What it makes.

    Raises:
        JobError: The file is not a recipe.
        UsageError: An option has no value.
    """
    recipe = kind()
    if arguments.recipe:
        recipe = load_recipe(folder / Path(arguments.recipe).expanduser(), kind)
    changes: dict[str, str] = {
        name: value
        for name in kind.__struct_fields__
        if name not in _TABLES and (value := getattr(arguments, name))
    }

    # The name of all events, or the column of it.
    if "event" in changes:
        changes.setdefault("event_column", "")
    elif "event_column" in changes:
        changes["event"] = ""
    pairs = [parse_pair(text, "=", "--rename") for text in arguments.rename]
    types = {
        column: kind
        for option, kind in _TYPES.items()
        for column in getattr(arguments, option)
    }
    return replace(
        msgspec.convert({**msgspec.to_builtins(recipe), **changes}, kind),
        keep=(*recipe.keep, *arguments.keep),
        drop=(*recipe.drop, *arguments.drop),
        rename={**recipe.rename, **{pair.name: pair.value for pair in pairs}},
        types={**recipe.types, **types},
    )
