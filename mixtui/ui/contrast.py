"""Text that can be read: WCAG 2.1 AA on every background that mixtui puts it on.

The CSS of mixtui uses a closed set of backgrounds and text colors, and no blends of them;
a test collects the pairs from the screens. So colors that hold on these backgrounds hold
on the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product

from textual.color import BLACK, WHITE, Color, ColorParseError

TEXT = 4.5
"""The least contrast of text (WCAG 2.1, 1.4.3)."""
MARK = 3.0
"""The least contrast of borders and the like (WCAG 2.1, 1.4.11)."""
_ROOM = 7.0
"""The least contrast of a background with black or white: shades of text lie between."""
_STEPS = tuple(step / 16 for step in range(1, 17))

_CUBE = (0, 95, 135, 175, 215, 255)
"""The shades of red, green and blue in xterm's palette of 256 colors."""

BACKGROUNDS = (
    # Of panes, fields and bars: marks stand on these alone.
    "background",
    "surface",
    "panel",
    "primary-muted",
    "block-cursor-blurred-background",
)
_OF_PANES = 3
TEXTS = (
    "foreground",
    "text",
    "text-muted",
    "text-disabled",
    *(
        f"text-{name}"
        for name in ("primary", "secondary", "accent", "success", "warning", "error")
    ),
    "foreground-muted",
    "foreground-disabled",
    "footer-foreground",
    "footer-key-foreground",
    "footer-description-foreground",
    "link-color",
    "block-cursor-blurred-foreground",
)
MARKS = ("border", "border-blurred")
PAIRS = (
    ("block-cursor-foreground", "block-cursor-background", TEXT),
    ("input-cursor-foreground", "input-cursor-background", TEXT),
    ("input-selection-foreground", "input-selection-background", TEXT),
    ("screen-selection-foreground", "screen-selection-background", TEXT),
    ("text-warning", "warning-muted", TEXT),
    ("scrollbar", "scrollbar-background", MARK),
    ("scrollbar-hover", "scrollbar-background-hover", MARK),
    ("scrollbar-active", "scrollbar-background-active", MARK),
)
"""Foreground, background and least contrast of what has a background of its own."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of two opaque colors, from 1 to 21 (WCAG 2.1)."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@lru_cache(maxsize=1)
def _palette() -> Mapping[int, Color]:
    """Return the colors of xterm's palette that no person changes, by number."""
    colors = [
        *(Color(red, green, blue) for red, green, blue in product(_CUBE, repeat=3)),
        *(Color(gray, gray, gray) for gray in range(8, 248, 10)),
    ]
    return dict(enumerate(colors, 16))


@lru_cache(maxsize=1024)
def rounded(text: Color, background: Color) -> tuple[int, int]:
    """Return the colors of a terminal with 256 that come nearest and can still be read.

    What has less contrast than `TEXT` keeps what it has, if any color does.

    Returns:
        The numbers of the colors of the text and of the background.
    """
    palette = _palette()
    ground = _nearest(background, palette)
    on = palette[ground]
    needed = min(TEXT, contrast(text, background))
    ratios = {number: contrast(color, on) for number, color in palette.items()}
    legible = {n: palette[n] for n, ratio in ratios.items() if ratio >= needed}
    if not legible:
        return max(ratios, key=lambda number: ratios[number]), ground
    return _nearest(text, legible), ground


def _nearest(color: Color, among: Mapping[int, Color]) -> int:
    """Return the number of the nearest color, as Rich does: by weighted differences."""

    def distance(number: int) -> float:
        other = among[number]
        red = (color.r + other.r) // 2
        return (
            (((512 + red) * (color.r - other.r) ** 2) >> 8)
            + 4 * (color.g - other.g) ** 2
            + (((767 - red) * (color.b - other.b) ** 2) >> 8)
        )

    return min(among, key=distance)


@lru_cache(maxsize=256)
def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(variables: Mapping[str, str], keep: Iterable[str] = ()) -> dict[str, str]:
    """Return the CSS variables of a theme, with colors that are too faint corrected.

    Args:
        variables: All of them; the background is an RGB color.
        keep: Names of those that stay as they are: somebody chose them.
    """
    result, kept = dict(variables), frozenset(keep)
    background = Color.parse(result["background"])
    far = _farther(background)

    def correct(name: str, goal: Color, others: Sequence[Color], least: float) -> Color:
        """Blend a color with the goal until it holds on the others; return it."""
        color = first = _opaque(result[name], background, far)
        steps = iter(_STEPS)
        while name not in kept and any(contrast(color, o) < least for o in others):
            if (share := next(steps, None)) is None:
                break
            color = first.blend(goal, share)
        if name not in kept:
            result[name] = color.hex
        return color

    grounds = [correct(name, background, [far], _ROOM) for name in BACKGROUNDS]
    for name in TEXTS:
        correct(name, far, grounds, TEXT)
    for name in MARKS:
        correct(name, far, grounds[:_OF_PANES], MARK)
    for name, ground_name, least in PAIRS:
        ground = correct(ground_name, background, [], 0)
        correct(name, _farther(ground), [ground], least)
    return result


def _farther(color: Color) -> Color:
    return max((BLACK, WHITE), key=lambda each: contrast(each, color))


def _opaque(value: str, background: Color, otherwise: Color) -> Color:
    """Return a color as it is on the background."""
    if value.startswith("auto"):  # Textual would look for a color named nearly so.
        return otherwise
    try:
        color = Color.parse(value)
    except ColorParseError:
        return otherwise
    if color.ansi is not None:
        return otherwise
    return color if color.a == 1 else background.blend(color, color.a, alpha=1)
