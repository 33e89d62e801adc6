"""Make a recipe of a file and of options, which win over it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from msgspec.structs import replace

from mixtui.cli.arguments import parse_pair
from mixtui.jobs.recipe import ColumnType, Recipe, load_recipe

_NAMES = ("event", "event_column", "distinct_id", "time", "insert_id")
_FORMS = ("time_format", "time_zone")
_TYPES = {
    "number": ColumnType.NUMBER,
    "boolean": ColumnType.BOOLEAN,
    "parse_json": ColumnType.JSON,
}


def recipe_from_arguments(arguments: Namespace, folder: Path) -> Recipe:
    """Return the recipe.

    Args:
        arguments: Of the command line.
        folder: What a relative path is relative to.

    Raises:
        JobError: The file is not a recipe.
        UsageError: An option has no value.
    """
    recipe = Recipe()
    if arguments.recipe:
        recipe = load_recipe(folder / Path(arguments.recipe).expanduser())
    changes: dict[str, str] = {
        name: value
        for name in (*_NAMES, *_FORMS)
        if (value := getattr(arguments, name))
    }
    if arguments.event:
        changes.setdefault("event_column", "")
    elif arguments.event_column:
        changes["event"] = ""
    pairs = [parse_pair(text, "=", "--rename") for text in arguments.rename]
    types = {
        column: kind
        for option, kind in _TYPES.items()
        for column in getattr(arguments, option)
    }
    return replace(
        recipe,
        **changes,
        keep=(*recipe.keep, *arguments.keep),
        drop=(*recipe.drop, *arguments.drop),
        rename={**recipe.rename, **{pair.name: pair.value for pair in pairs}},
        types={**recipe.types, **types},
    )
