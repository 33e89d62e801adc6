"""Themes from TOML files: ours, then the person's own.

``<name>.toml`` holds the fields of Textual's `Theme`; ``[variables]`` holds any of its
CSS variables (https://textual.textualize.io/guide/design/#theme-variables). A theme of
the person's replaces ours of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from textual._color_constants import COLOR_NAME_TO_RGB
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from mixtui.model.errors import SettingsError
from mixtui.spelling import did_you_mean
from mixtui.ui.contrast import readable

DEFAULT = "mixtui-dark"
TERMINAL = "terminal"
NO_COLORS = "mono"
"""What NO_COLOR selects (https://no-color.org)."""
REPLACED = frozenset({"ansi-dark", "ansi-light"})
"""Themes of Textual that ours in the terminal's colors replace: theirs cannot be read."""

_ANSI_LACKS = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "surface-active": "ansi_default",
    "foreground-disabled": "ansi_default",
}
"""Variables that Textual's widgets use and its ansi colours do not define."""
_MAX_BYTES = 64 << 10
"""Of a theme file."""
_MAX_SHOWN = 40
"""Characters of a value in a sentence."""
KEYS = frozenset(field.name for field in fields(Theme)) - {"name"}
"""The keys of a theme file; those not in the next two sets are colors."""
FLAGS = frozenset({"dark", "ansi"})
NUMBERS = frozenset({"luminosity_spread", "text_alpha"})
"""From 0 to 1."""
TEXT_STYLES = frozenset(
    {"none", "bold", "dim", "italic", "reverse", "strike", "underline", "not", "b"}
    | {"i", "u", "o", "overline", "blink"}
)
"""The words of a text style, of which a variable may have several."""


def shipped_folder() -> Path:
    """Our themes: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def default_theme(variables: Mapping[str, str]) -> str:
    """Return the theme for the colors that a terminal has.

    Args:
        variables: Of the environment.
    """
    term = variables.get("TERM", "")
    has_many = any(part in term for part in ("256color", "direct", "kitty"))
    if not term or has_many or variables.get("COLORTERM") in ("truecolor", "24bit"):
        return DEFAULT
    return NO_COLORS if term.startswith("vt") else TERMINAL


def theme_names() -> tuple[str, ...]:
    """Return the names of the themes that need no file of the person's, ours first."""
    ours, _ = load_themes(shipped_folder())
    textuals = (name for name in BUILTIN_THEMES if name not in REPLACED)
    return (*ours, *textuals)


def load_themes(*folders: Path) -> tuple[dict[str, Theme], tuple[str, ...]]:
    """The themes of some folders by name, and a sentence for each that is wrong.

    Args:
        folders: In order; a later theme replaces an earlier one of its name. A folder
            that does not exist holds none.
    """
    themes: dict[str, Theme] = {}
    problems: list[str] = []
    for folder in folders:
        is_ours = folder == shipped_folder()  # Tests check those.
        for path in sorted(folder.glob("*.toml")):
            try:
                themes[path.stem] = load_theme(path, is_checked=not is_ours)
            except SettingsError as error:
                problems.append(str(error))
    return themes, tuple(problems)


def load_theme(path: Path, *, is_checked: bool = True) -> Theme:
    """A theme, named after its file.

    Args:
        path: The file.
        is_checked: Whether to look for keys and values that are wrong.

    Raises:
        SettingsError: The file cannot be read or parsed, or holds something wrong.
    """
    # Late: themes that are shipped are known before a file is read.
    from mixtui.storage.toml_values import InvalidToml, decode, parse_toml

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SettingsError(f"Theme {path} is larger than {_MAX_BYTES >> 10} KB.")
        text = decode(path.read_bytes())
        values = parse_toml(text)
    except OSError as error:
        why = error.strerror or "cannot be read"
        raise SettingsError(f"Theme {path}: {why}.") from None
    except InvalidToml as error:
        where = f", line {error.line}" if error.line else ""
        raise SettingsError(f"Theme {path}{where}: {error}.") from None
    if is_checked and (problem := _find_problem(values)):
        key, reason = problem
        line = _line_of(key, text)
        where = f", line {line}" if line else ""
        raise SettingsError(f"Theme {path}{where}: {reason}".rstrip())
    if values.get("ansi"):
        values["variables"] = {**_ANSI_LACKS, **values.get("variables", {})}
    return Theme(name=path.stem, **values)


def css_variables(theme: Theme) -> dict[str, str]:
    """Return the CSS variables of a theme, corrected so that its texts can be read.

    What the file of a theme sets stays as it is. The terminal's own colors cannot be
    corrected: nobody knows them.
    """
    variables = {**theme.to_color_system().generate(), **theme.variables}
    if theme.ansi:
        return variables
    if BUILTIN_THEMES.get(theme.name) is theme:
        return readable(variables)
    chosen = {name for name in KEYS if getattr(theme, name) is not None}
    return readable(variables, chosen | theme.variables.keys())


def _find_problem(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first key that is wrong, and why as the end of a sentence."""
    if "primary" not in values:
        return "", 'primary is missing. Add primary = "#rrggbb".'
    for key, value in values.items():
        if key not in KEYS:
            return key, f"the key {key} is unknown. {did_you_mean(key, KEYS)}"
        if reason := _reason_against_field(key, value):
            return key, reason
    for name, value in values.get("variables", {}).items():
        if name not in variable_names():
            hint = did_you_mean(name, variable_names())
            return name, f"the variable variables.{name} is unknown. {hint}"
        if not isinstance(value, str) or not _is_style(name, value):
            return name, _not_a(_kind(name), f"variables.{name}", value)
    return None


def _line_of(key: str, text: str) -> int:
    """Return the line of a file that sets a key, from 1; 0 = not found."""
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
    lines = enumerate(text.split("\n"), 1)
    return next((n for n, line in lines if key and pattern.match(line)), 0)


def _reason_against_field(key: str, value: object) -> str | None:
    if key == "variables":
        return None if isinstance(value, dict) else "variables must be a table."
    if key in FLAGS:
        return None if isinstance(value, bool) else f"{key} must be true or false."
    if key in NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= float(str(value)) <= 1:
            return None
        return f"{key} must be a number from 0 to 1."
    if isinstance(value, str) and _is_plain_colour(value):
        return None
    return _not_a("color", key, value)


def _not_a(kind: str, key: str, value: object) -> str:
    shown = repr(value)
    if len(shown) > _MAX_SHOWN:
        shown = f"{shown[:_MAX_SHOWN]}…"
    names = TEXT_STYLES if kind != "color" else COLOR_NAME_TO_RGB
    hint = did_you_mean(value, names) if isinstance(value, str) else ""
    return f"{key} = {shown} is not a {kind}. {hint}"


@cache
def variable_names() -> frozenset[str]:
    """Return the CSS variables that a theme can set."""
    both = (Theme("", "#000000"), Theme("", "ansi_blue", ansi=True))
    return frozenset(n for theme in both for n in theme.to_color_system().generate())


def is_text_style(name: str) -> bool:
    """Return whether a variable is a text style; the others are colors."""
    return name.endswith("-style")


def _kind(name: str) -> str:
    return "text style" if is_text_style(name) else "color"


def _is_style(name: str, value: str) -> bool:
    if is_text_style(name):
        return bool(value.split()) and TEXT_STYLES.issuperset(value.split())
    return _is_colour(value)


def _is_colour(value: str) -> bool:
    """A colour; with a share behind it, as in ``#ff0000 40%``, or ``auto 60%``."""
    colour, _, share = value.strip().partition(" ")
    if share and not (share.endswith("%") and _is_number(share.removesuffix("%"))):
        return False
    return colour in ("auto", "initial", "transparent") or _is_plain_colour(colour)


def _is_plain_colour(value: str) -> bool:
    try:
        Color.parse(value)
    except ColorParseError:
        return False
    return True


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
