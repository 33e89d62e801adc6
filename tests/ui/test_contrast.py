"""Every text on every screen can be read, in every theme: WCAG 2.1, AA.

The screens are drawn in a theme in which each variable has a color of its own. That tells
which variable stands on which; a color that is none of them is a blend, whose contrast
nobody has checked. What the pairs look like is then computed for each theme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from rich._palettes import EIGHT_BIT_PALETTE
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import Compositor
from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from mixtui.ui.contrast import MARK, TEXT, contrast
from mixtui.ui.pen import sgr
from mixtui.ui.themes import NO_COLORS, css_variables, load_themes, shipped_folder
from tests.ui import screens
from tests.ui.no_color import SEEN, unseen_without_colors

SHIPPED, _ = load_themes(shipped_folder())
THEMES = {**BUILTIN_THEMES, **SHIPPED}
RGB = {name: theme for name, theme in THEMES.items() if not theme.ansi}
ANSI = {name: theme for name, theme in SHIPPED.items() if theme.ansi}
NAMES = sorted(
    name
    for theme in (Theme("", "#000000"), Theme("", "ansi_blue", ansi=True))
    for name in {*theme.to_color_system().generate(), "text"}
    if "-style" not in name
)
COLORS = {
    name: f"#{index // 16 + 40:02x}{index % 16 * 16:02x}7f"
    for index, name in enumerate(dict.fromkeys(NAMES))
}
VARIABLES = {color.upper(): name for name, color in COLORS.items()}
DARK = Theme("dark", primary="#010203", variables=COLORS)
LIGHT = Theme("light", primary="#010203", variables=COLORS, dark=False)
STYLES = {
    name: value
    for name, value in SHIPPED[NO_COLORS].variables.items()
    if name.endswith("-style")
}
OWN = Theme("own", primary="#010203", variables={**COLORS, **STYLES}, ansi=True)
"""With the attributes of the theme without colors: both are looked at together."""
LIGHT_TOO = ("body editor", "environment form, next")
"""The states in which Textual has other rules for light themes."""

# The default text and background, then black, red, green, yellow, blue, magenta, cyan and
# white, then the same bright.
_WINDOWS = (
    "#0c0c0c #c50f1f #13a10e #c19c00 #0037da #881798 #3a96dd #cccccc "
    "#767676 #e74856 #16c60c #f9f1a5 #3b78ff #b4009e #61d6d6 #f2f2f2"
)
_XTERM = (
    "#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 "
    "#7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff"
)
_PUTTY = (
    "#000000 #bb0000 #00bb00 #bbbb00 #0000bb #bb00bb #00bbbb #bbbbbb "
    "#555555 #ff5555 #55ff55 #ffff55 #5555ff #ff55ff #55ffff #ffffff"
)
PALETTES = {
    True: [
        f"#cccccc #0c0c0c {_WINDOWS}",
        f"#e5e5e5 #000000 {_XTERM}",
        f"#bbbbbb #000000 {_PUTTY}",
    ],
    False: [f"#000000 #ffffff {palette}" for palette in (_WINDOWS, _XTERM, _PUTTY)],
}
"""Of dark terminals, then of light ones."""
ANSI_NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]

Pairs = dict[tuple[str, str, bool], str]
"""Where each text color stands on each background, and whether that is a mark."""


def is_mark(text: str) -> bool:
    """Whether it is drawn of lines, blocks and the like, which is not text."""
    return all("\u2500" <= c <= "\u25ff" or "\u2800" <= c <= "\u28ff" for c in text)


def color_name(color: RichColor | None, default: str = "foreground") -> str:
    """The variable that a color is of; else the terminal's name, or the color."""
    if color is None or color.is_default:
        return default
    if color.triplet is None:
        return f"ansi_{color.name}"
    return VARIABLES.get(color.triplet.hex.upper(), color.triplet.hex)


def pairs_on_screen(app: App[int], state: str) -> Pairs:
    """What stands on what; the first place of each."""
    pairs: Pairs = {}
    for strip in app.screen._compositor.render_strips():
        for text, style, _ in strip:
            text = text.strip()
            if not text or style is None:
                continue
            assert not style.dim, f"{state}: “{text}” is dim"
            # Whether it is reversed does not matter to the contrast.
            pair = color_name(style.color), color_name(style.bgcolor, "background")
            pairs.setdefault((*pair, is_mark(text)), f"{state}: “{text[:40]}”")
    return pairs


async def all_pairs(
    root: Path,
    theme: Theme,
    others: Iterable[Theme] = (),
    look: Callable[[App[int], str], None] = lambda app, state: None,
) -> Pairs:
    """What stands on what on any screen; looks at each state of the app."""
    app = screens.make(root)
    pairs: Pairs = {}
    # Each state is drawn when it is looked at; no terminal needs the updates before.
    with patch.object(Compositor, "render_update", return_value=None):
        async with app.run_test(size=screens.SIZE) as pilot:
            for each in (theme, *others):
                app.register_theme(each)
            app.theme = theme.name
            async for state in screens.states(pilot):
                pairs = pairs_on_screen(app, state) | pairs
                look(app, state)
                if state.startswith(LIGHT_TOO):
                    for other in others:
                        app.theme = other.name
                        await pilot.pause()
                        pairs = pairs_on_screen(app, f"{state}, {other.name}") | pairs
                        app.theme = theme.name
                        await pilot.pause()
    return pairs


def too_faint(
    pairs: Pairs,
    texts: Mapping[str, Color],
    backgrounds: Mapping[str, Color],
    theme: str,
) -> Iterator[str]:
    """What is below the least contrast: theme, place and colors."""
    for (text, background, mark), place in pairs.items():
        one, other = texts[text], backgrounds[background]
        if (ratio := contrast(one, other)) < (MARK if mark else TEXT):
            yield (
                f"{theme}, {place}: {text} on {background}, "
                f"{one.hex} on {other.hex}, {ratio:.2f}:1"
            )


def too_faint_of_256(
    pairs: Pairs, colors: Mapping[str, Color], theme: str
) -> Iterator[str]:
    """What a terminal with 256 colors shows below the least contrast."""
    for (text, background, mark), place in pairs.items():
        style = Style(
            color=colors[text].rich_color, bgcolor=colors[background].rich_color
        )
        shown, _ = sgr(style, ColorSystem.EIGHT_BIT)
        one, other = (
            Color(*EIGHT_BIT_PALETTE[int(code.removeprefix(f"{layer};5;"))])
            for code, layer in ((shown.foreground or "", 38), (shown.background, 48))
        )
        if (ratio := contrast(one, other)) < (MARK if mark else TEXT):
            yield f"{theme}, {place}: {text} on {background}, {ratio:.2f}:1"


def rgb_colors(theme: Theme) -> dict[str, Color]:
    """The colors of the variables of a theme."""
    variables = css_variables(theme)
    background = Color.parse(variables["background"])
    colors = {}
    for name in COLORS.keys() & variables.keys():
        with suppress(ColorParseError):  # Such as “auto 87%”.
            color = Color.parse(variables[name])
            colors[name] = background.blend(color, color.a, alpha=1)
    return colors


def ansi_colors(
    theme: Theme, palette: str
) -> tuple[dict[str, Color], dict[str, Color]]:
    """The colors of the variables of a theme, as text and as background."""
    foreground, background, *rest = map(Color.parse, palette.split())
    named = {
        f"ansi_{prefix}{name}": rest.pop(0)
        for prefix in ("", "bright_")
        for name in ANSI_NAMES
    }
    variables = css_variables(theme)
    texts, backgrounds = (
        {
            name: (named | {"ansi_default": default, "transparent": background})[value]
            for name, value in variables.items()
            if value in named or value in ("ansi_default", "transparent")
        }
        for default in (foreground, background)
    )
    return texts, backgrounds


def assert_no_blends(pairs: Pairs) -> None:
    blends = {
        pair: place for pair, place in pairs.items() if not {*pair[:2]} <= {*COLORS}
    }
    assert not blends, "colors that are not variables of the theme"


async def test_every_text_on_screen_can_be_read(tmp_path: Path) -> None:
    pairs = await all_pairs(tmp_path, DARK, [LIGHT])
    assert len(pairs) > 30
    assert_no_blends(pairs)
    faint = [
        line
        for name, theme in RGB.items()
        for line in too_faint(pairs, *[rgb_colors(theme)] * 2, name)
    ]
    assert not faint, "\n".join(faint)
    rounded_too_faint = [
        line
        for name, theme in RGB.items()
        for line in too_faint_of_256(pairs, rgb_colors(theme), name)
    ]
    assert not rounded_too_faint, "\n".join(rounded_too_faint)


async def test_every_text_can_be_read_in_the_terminals_colors_and_without_colors(
    tmp_path: Path,
) -> None:
    unseen: list[str] = []
    states: set[str] = set()

    def look(app: App[int], state: str) -> None:
        states.add(state)
        unseen.extend(unseen_without_colors(app, state))

    pairs = await all_pairs(tmp_path, OWN, look=look)
    assert not SEEN.keys() - states
    assert not unseen, "\n".join(unseen)
    assert len(pairs) > 20
    assert_no_blends(pairs)
    faint = [
        line
        for name, theme in ANSI.items()
        for palette in PALETTES[theme.dark]
        for line in too_faint(pairs, *ansi_colors(theme, palette), name)
    ]
    assert not faint, "\n".join(faint)
