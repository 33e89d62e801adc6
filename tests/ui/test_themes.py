from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.containers import Vertical
from textual.css.parse import parse
from textual.theme import BUILTIN_THEMES

from mixtui.document.document import read
from mixtui.model.draft import Body, BodyType, Pair
from mixtui.model.errors import SettingsError
from mixtui.request.body import check_body
from mixtui.ui.contrast import TEXT, contrast, readable
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.model import GeneratedRow
from mixtui.ui.themes import (
    DEFAULT,
    TERMINAL,
    css_variables,
    load_theme,
    load_themes,
    shipped_folder,
)
from mixtui.ui.widgets.field import TextInput
from tests.ui.app import make_app

SHIPPED, _ = load_themes(shipped_folder())
RGB = [name for name, theme in SHIPPED.items() if not theme.ansi]


def test_the_shipped_themes_are_whole() -> None:
    # They are not checked when the app starts.
    themes = {path.stem: load_theme(path) for path in shipped_folder().glob("*.toml")}
    assert themes == load_themes(shipped_folder())[0]
    assert {DEFAULT, "mixtui-light", TERMINAL} <= set(themes)
    assert themes[DEFAULT].dark
    assert not themes["mixtui-light"].dark
    assert themes[TERMINAL].ansi


@pytest.mark.parametrize("name", RGB)
def test_our_own_themes_need_no_corrections(name: str) -> None:
    theme = SHIPPED[name]
    chosen = {
        name: Color.parse(value)
        for name, value in theme.variables.items()
        if not name.endswith("-style")
    }
    generated = {**theme.to_color_system().generate(), **theme.variables}
    corrected = readable(generated)
    assert {name: Color.parse(corrected[name]) for name in chosen} == chosen


def test_what_a_persons_theme_sets_stays_and_the_rest_is_corrected(
    tmp_path: Path,
) -> None:
    (tmp_path / "faint.toml").write_text(
        'primary = "#202020"\nbackground = "#000000"\n'
        '[variables]\ntext-muted = "#303030"'
    )
    variables = css_variables(load_theme(tmp_path / "faint.toml"))
    assert variables["text-muted"] == "#303030"
    background = Color.parse("#000000")
    assert contrast(Color.parse(variables["text-disabled"]), background) >= TEXT


class Everything(App[None]):
    """All widgets that draw themselves, on one screen."""

    def compose(self) -> ComposeResult:
        rows = RowsEditor()
        rows.rows = (Pair("event", "Sign up"), Pair("limit", "10", enabled=False))
        rows.generated = (GeneratedRow("project_id", "1234", "from the environment"),)
        body = BodyEditor(check=check_body)
        body.body = Body(BodyType.JSON, '{"a": [1, true, "x"], "b": tru}')
        view = DocumentView()
        view.document = read(b'{"a": [1, null, "x"], "b": {}}\n' * 50)
        with Vertical():
            yield TextInput("https://mixpanel.com", compact=True)
            yield TextInput("", placeholder="nothing")
            yield rows
            yield body
            yield view


async def test_the_terminal_theme_uses_only_the_terminals_colours() -> None:
    app = Everything()
    app.register_theme(SHIPPED[TERMINAL])
    app.theme = TERMINAL
    async with app.run_test(size=(90, 40)) as pilot:
        for focus, key in (
            ("TextInput", ""),
            ("EditableRows", "enter"),
            ("CodeArea", "shift+right"),
            ("DocumentView", ""),
        ):
            app.query(focus).first().focus()
            await pilot.pause()
            await pilot.press(*filter(None, [key]))
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            colours = {
                colour
                for strip in strips
                for segment in strip
                if segment.style
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None
            }
            assert colours, focus
            assert not [c for c in colours if c.is_system_defined is False], focus


BROKEN = {
    'primry = "#ffffff"': "primary is missing",
    'primary = "#ffffff"\nprimry = "#ffffff"': "Did you mean primary?",
    'primary = "reddish"': "primary = 'reddish' is not a color",
    'primary = "#12"': "is not a color",
    "primary = 5": "is not a color",
    'primary = "red"\ndark = "yes"': "dark must be true or false",
    'primary = "red"\ntext_alpha = "1"': "text_alpha must be a number",
    'primary = "red"\nvariables = 3': "variables must be a table",
    'primary = "red"\n[variables]\nbordr = "red"': "Did you mean border?",
    'primary = "red"\n[variables]\nborder = "reddish"': "is not a color",
    'primary = "red"\n[variables]\nborder = "red 4"': "is not a color",
    'primary = "red"\n[variables]\nborder = 4': "is not a color",
    'primary = "red"\n[variables]\nlink-style = "wavy"': "is not a text style",
    'primary = "red"\n\nsecondary = "bleu"': "line 3: secondary = 'bleu' is not a color. "
    "Did you mean blue?",
    'primary = "red"\n[variables]\nborder = "$border"': "'$border' is not a color",
    'primary = "red"\nforeground = "auto"': "foreground = 'auto' is not a color",
    'primary = "red"\nluminosity_spread = nan': "must be a number from 0 to 1",
    'primary = "red"\ntext_alpha = 1e999': "must be a number from 0 to 1",
    'primary = "red"\n[variables.border]\nx = 1': "is not a color",
    f'primary = "{"x" * 999}"': "xxx… is not a color",
    "primary = " + "[" * 30_000: "it is nested too deeply",
    "# " + "x" * (1 << 20): "is larger than 64 KB",
    "primary = ": "it is not valid TOML",
    "primary = " + "9" * 5_000: "too many digits",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:40])
def test_an_invalid_theme_is_reported_with_file_and_key(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_theme(tmp_path / "mine.toml")
    assert "mine.toml" in str(caught.value)
    assert BROKEN[text] in str(caught.value)


def test_an_invalid_theme_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("")
    (tmp_path / "good.toml").write_text('primary = "#ff8800"')
    themes, problems = load_themes(tmp_path, tmp_path / "missing")
    assert list(themes) == ["good"]
    assert len(problems) == 1


def test_a_persons_theme_replaces_ours_of_its_name(tmp_path: Path) -> None:
    (tmp_path / f"{DEFAULT}.toml").write_text(
        'primary = "#ff8800"\n[variables]\nborder = "#ff8800 40%"\n'
        'text = "auto 87%"\nlink-style = "bold not underline"'
    )
    themes, problems = load_themes(shipped_folder(), tmp_path)
    assert problems == ()
    assert themes[DEFAULT].primary == "#ff8800"


def test_a_theme_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    _, problems = load_themes(tmp_path)
    assert "directory" in problems[0]


async def test_every_theme_can_be_put_on() -> None:
    app = Everything()
    async with app.run_test(size=(90, 40)) as pilot:
        for name, theme in SHIPPED.items():
            app.register_theme(theme)
            app.theme = name
            await pilot.pause()
            assert app.current_theme.name == name


@pytest.mark.usefixtures("own_css")
async def test_each_piece_of_css_is_parsed_once_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = Counter[object]()

    def count(scope: str, css: str, read_from: object, **rest: Any) -> Any:
        parsed[read_from, rest["tie_breaker"]] += 1  # It says which rule wins.
        return parse(scope, css, read_from, **rest)

    monkeypatch.setattr("textual.css.stylesheet.parse", count)
    app = make_app(tmp_path)
    async with app.run_test():
        assert len(parsed) > 20
        assert set(parsed.values()) == {1}, parsed.most_common(3)


def test_no_name_of_a_color_is_looked_for_in_a_color_that_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("textual.color.get_suggestion", None)
    variables = BUILTIN_THEMES["textual-dark"].to_color_system().generate()
    assert any(value.startswith("auto") for value in variables.values())
    readable(variables)
