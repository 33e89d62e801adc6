from __future__ import annotations

import pytest

from mixtui.model.errors import SettingsError
from mixtui.storage.settings import HistorySettings, Settings, load_settings, save_theme


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "config.toml"


def write(path, text):
    path.parent.mkdir()
    path.write_text(text)


def test_a_missing_file_gives_the_defaults(path):
    assert load_settings(path) == Settings()


def test_every_setting_is_read(path):
    write(
        path,
        'theme = "night"\nmouse = false\n'
        '[keys]\nsend = "f5, ctrl+r"\nquit = ["ctrl+q"]\nhelp = []\n'
        "[history]\nkeep = false\ncount = 5\ndays = 6\nbytes = 7\n",
    )
    assert load_settings(path) == Settings(
        "night",
        False,
        {"send": ("f5", "ctrl+r"), "quit": ("ctrl+q",), "help": ()},
        HistorySettings(enabled=False, max_entries=5, max_days=6, max_bytes=7),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme = ", "line 1: it is not valid TOML"),
        ("\ntheme = 1", "line 2: theme is a number, but must be a quoted string"),
        ("mouse = 'no'", "mouse is a text, but must be true or false"),
        ("keys = 'f5'", "keys is a text, but must be a table"),
        ("[history]\nkeep = 1", "line 2: history.keep is a number, but must be true"),
        ("[history]\ncount = 0", "line 2: history.count must be a whole number above"),
        ("[history]\ndays = 1.5", "history.days is a number, but must be a whole"),
        ("[history]\nbytes = true", "history.bytes is true or false, but must be"),
        ("[keys]\nsend = 5", "line 2: keys.send is a number, but must be a key or"),
        ("[keys]\nsend = [5]", "keys.send is a list, but must be a key or a list"),
    ],
)
def test_an_invalid_file_is_reported(text, message, path):
    write(path, text)
    for action in (lambda: load_settings(path), lambda: save_theme(path, "x")):
        with pytest.raises(SettingsError) as caught:
            action()
        assert message in str(caught.value)
    assert path.read_text() == text


def test_unknown_keys_give_warnings(path):
    write(path, "colour = 1\ntheme = 'x'\n[history]\nfor_ever = true\n")
    assert load_settings(path).warnings == (
        "config.toml: the unknown key colour is ignored.",
        "config.toml: the unknown key history.for_ever is ignored.",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "day"\n'),
        (
            '# looks\ntheme = "x" # dark\nowner = 1\n',
            '# looks\ntheme = "day" # dark\nowner = 1\n',
        ),
        ("[keys]\nsend = 'f5'\n", "theme = \"day\"\n\n[keys]\nsend = 'f5'\n"),
    ],
)
def test_saving_a_theme_keeps_everything_else(before, after, path):
    write(path, before)
    save_theme(path, "day")
    assert path.read_text() == after
    assert load_settings(path).theme == "day"


def test_saving_a_theme_creates_the_file(path):
    save_theme(path, "day")
    assert load_settings(path) == Settings("day")
