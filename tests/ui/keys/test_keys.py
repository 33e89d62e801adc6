"""Keys: letters type where text is typed, and every action can be reached."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, TextArea

import mixtui.ui
from mixtui.actions import ACTIONS, FINDER_ACTIONS, OPERATIONS_ACTIONS, Scope
from mixtui.keymap import USED_IN_DIALOGS
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method, Pair
from mixtui.storage.paths import SETTINGS_FILE, config_dir
from mixtui.ui.catalogue.screen import OperationsScreen
from mixtui.ui.main.collection.finder import FinderScreen
from mixtui.ui.main.palette import (
    EntriesScreen,
    _whole_keys,
    action_entries,
    all_entries,
)
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.request.value_dialogs import JsonValueDialog
from mixtui.ui.response.state import Idle, Received
from mixtui.ui.sidebar.sidebar import Sidebar
from tests.ui.app import main, make_app, settled, show_draft, write_request
from tests.ui.driver import (
    press,
    screen_lines,
    screen_text,
    type_text,
    wait_for_workers,
    wait_until,
)

PRINTABLE = "".join(c for c in string.printable if c.isprintable())


async def focus_field(pilot: Pilot[int], name: str) -> None:
    """Go to a text field by keys."""
    keys: dict[str, tuple[str, ...]] = {
        "url": ("ctrl+l",),
        "query row": ("ctrl+o", "q", "a"),
        "header row": ("ctrl+o", "h", "a"),
        "query as text": ("ctrl+o", "q", "b"),
        "body": ("ctrl+o", "b", "right", "down"),
        "description": ("ctrl+o", "o"),
    }
    for key in keys[name]:
        await pilot.press(key)
        await pilot.pause()


FIELDS = ["url", "query row", "header row", "query as text", "body", "description"]


async def test_every_printable_key_types_in_every_text_field(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        for name in FIELDS:
            await focus_field(pilot, name)
            focused = screen.focused
            assert isinstance(focused, Input | TextArea), name
            await type_text(pilot, PRINTABLE)
            assert screen.focused is focused, name
            assert pilot.app.screen is screen
            typed = focused.value if isinstance(focused, Input) else focused.text
            for character in PRINTABLE:
                assert character in typed, name
            assert isinstance(screen.response, Idle)
            screen.draft = Draft()
            await pilot.pause()


def all_bindings() -> Iterator[tuple[type[Widget], Binding]]:
    """Every binding of every widget."""
    for module in pkgutil.walk_packages(mixtui.ui.__path__, "mixtui.ui."):
        importlib.import_module(module.name)
    widgets = [w for w in _subclasses(Widget) if w.__module__.startswith("mixtui.")]
    for widget in widgets:
        for binding in widget.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            yield widget, binding


OWN_KEYS = {
    ("JsonValueDialog", "f2"),
    ("JsonValueDialog", "f3"),
    ("ExpressionDialog", "f3"),
    ("SetupScreen", "f2"),
}
"""Keys of a dialog for something that is not an action: its hints name them."""
FIXED_KEYS = {"ctrl+j", *(f"ctrl+{letter}" for letter in "wukd")}
"""Keys of terminals and editors, which no action has."""


def test_no_key_of_an_action_is_fixed_in_a_widget() -> None:
    is_command = re.compile(r"(shift\+)?f\d+|ctrl\+\w+").fullmatch
    taken = {key for action in ACTIONS for key in action.keys if is_command(key)}
    fixed = {
        (widget.__name__, binding.key)
        for widget, binding in all_bindings()
        if not binding.id and binding.key in taken
    }
    assert fixed == OWN_KEYS
    for path in Path(mixtui.ui.__path__[0]).rglob("*.py"):
        tree = ast.parse(path.read_text())
        declared = {
            argument
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("Binding", "Action")
            for argument in ast.walk(call)
        }
        literals = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and is_command(node.value)
            and node not in declared
        }
        assert literals <= FIXED_KEYS, path.name


def test_no_action_whose_key_a_dialog_needs_can_be_without_one() -> None:
    names = {action.id: action.name for action in ACTIONS}
    needed = {
        binding.id
        for widget, binding in all_bindings()
        if issubclass(widget, ModalScreen)
        and binding.id
        and binding.action not in (names[binding.id], "close", "leave")
    }
    assert needed == USED_IN_DIALOGS


async def test_a_users_own_key_edits_a_value_from_its_row(tmp_path: Path) -> None:
    app = make_app(tmp_path, keys={"rows.edit_value": ("f13",)})
    async with app.run_test() as pilot:
        draft = Draft(url="/query/events", query=(Pair("event", '["a"]'),))
        await show_draft(pilot, draft, "query")
        await pilot.press("enter")
        await pilot.pause()
        await press(pilot, "f12")
        assert app.screen is main(pilot)
        await pilot.press("f13")
        await wait_until(pilot, lambda: isinstance(app.screen, JsonValueDialog))


async def test_an_action_without_a_key_is_run_from_the_palette(tmp_path: Path) -> None:
    app = make_app(tmp_path, keys={"sidebar": ()})
    async with app.run_test() as pilot:
        screen = main(pilot)
        sidebar = screen.query_one(Sidebar)
        before = sidebar.display
        await press(pilot, "f2")
        assert sidebar.display == before
        await pilot.press("ctrl+p")
        await pilot.pause()
        await type_text(pilot, "toggle sidebar")
        assert "f2" not in screen_text(app)
        await press(pilot, "enter")
        assert sidebar.display != before


def test_every_action_has_its_method_on_the_widget_that_binds_it() -> None:
    bound = [(widget, binding) for widget, binding in all_bindings() if binding.id]
    assert MainScreen in {widget for widget, _ in bound}
    for widget, binding in bound:
        assert hasattr(widget, f"action_{binding.action}"), binding.id
    for screen, actions in (
        (MainScreen, [a for a in ACTIONS if a.scope is Scope.APP]),
        (OperationsScreen, OPERATIONS_ACTIONS),
        (FinderScreen, FINDER_ACTIONS),
    ):
        for action in actions:
            assert hasattr(screen, f"action_{action.name}"), action.id


def _subclasses(kind: type[Widget]) -> Iterator[type[Widget]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def test_no_key_is_one_that_a_plain_terminal_cannot_tell_apart() -> None:
    taken = {key for action in ACTIONS for key in action.keys}
    assert not taken & {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "f10", "f11"}


async def test_a_users_own_key_replaces_the_usual_one(tmp_path: Path) -> None:
    app = make_app(tmp_path, keys={"send": ("f13",)})
    async with app.run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/query/events")
        await pilot.pause()
        assert "Press f13 to send" in screen_text(app)
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(screen.response, Idle)
        await pilot.press("f13")
        await settled(pilot)
        assert isinstance(screen.response, Received)


async def test_sentences_and_screens_follow_a_users_own_key(tmp_path: Path) -> None:
    keys = {"environments": ("f13",), "history": ("f16",), "palette": ("f15",)}
    # A screen of environments reads the settings again when it is left.
    config_dir().mkdir(parents=True, exist_ok=True)
    lines = (f'{action} = "{key}"' for action, (key,) in keys.items())
    (config_dir() / SETTINGS_FILE).write_text("\n".join(("[keys]", *lines)), "utf-8")
    app = make_app(tmp_path, keys=keys)
    async with app.run_test() as pilot:
        main(pilot).draft = Draft(url="/query/{{nope}}")
        await settled(pilot)
        assert "(f13)" in str(main(pilot).request_pane.previewed.preview.problem)
        for key, screen in (
            ("f13", "EnvironmentsScreen"),
            ("f16", "HistoryScreen"),
            ("f15", "EntriesScreen"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert type(app.screen).__name__ == screen
            await pilot.press(key)
            await pilot.pause()
            assert app.screen is main(pilot)


async def test_a_clash_of_keys_is_reported(tmp_path: Path) -> None:
    app = make_app(tmp_path, keys={"send": ("ctrl+s",), "sendd": ("f3",)})
    async with app.run_test() as pilot:
        await pilot.pause()
        messages = " ".join(notice.message for notice in app._notifications)
        assert "keys.send" in messages
        assert "keys.sendd" in messages


async def test_the_method_and_api_follow_a_letter(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await pilot.press("ctrl+o", "m")
        await pilot.pause()
        await pilot.press("p", "p", "p")
        assert screen.draft.method is Method.PATCH
        await pilot.press("ctrl+o", "a")
        await pilot.pause()
        await pilot.press("i")
        assert screen.draft.api is Api.INGESTION
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert screen.draft.api is Api.QUERY


JUMPS = [
    ("m", "method"),
    ("a", "api"),
    ("u", "url"),
    ("s", "tree"),
]


async def test_a_jump_leads_to_its_pane(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        screen = main(pilot)
        for letter, target in JUMPS:
            await pilot.press("ctrl+o")
            await pilot.pause()
            await pilot.press(letter)
            await pilot.pause()
            assert screen.focused is not None
            assert screen.focused.id == target
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press("r")
        await pilot.pause()
        assert screen.focused is screen.response_pane.view
        for number, tab in enumerate(screen.response_pane.tabs.ids, 1):
            await press(pilot, "ctrl+o", str(number))
            assert screen.response_pane.tabs.active == tab
            assert screen.focused is screen.response_pane.view


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (180, 40), (40, 12)])
async def test_the_letters_of_a_jump_cover_nothing(
    size: tuple[int, int], tmp_path: Path
) -> None:
    draft = Draft(
        name="Weekly",
        url="/query/segmentation/with/a/path/that/is/long/enough/to/be/cut",
        query=(Pair("event", "Sign up"),),
    )
    write_request(tmp_path, "folder/weekly.toml", 'name = "Weekly"')
    async with make_app(tmp_path).run_test(size=size) as pilot:
        await show_draft(pilot, draft)
        await press(pilot, "f5")
        await settled(pilot)
        before = screen_lines(pilot.app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        after = screen_lines(pilot.app)
        letters = list(pilot.app.screen.query(".letter"))
        offsets = [each.region.offset for each in letters]
        assert len(set(offsets)) == len(letters) > 4
        for x, y in offsets:
            covered = before[y].ljust(size[0])[x]
            assert covered in " ─│╭╮╰╯▁▔", (covered, after[y])


async def test_a_letter_that_leads_nowhere_is_typed_nowhere(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press("z")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert screen.draft == Draft()


async def test_the_palette_runs_an_action(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        screen = main(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await type_text(pilot, "toggle sidebar")
        await press(pilot, "enter")
        assert not screen.query_one("#sidebar").display


@pytest.mark.parametrize(
    ("words", "first"),
    [("f9", "Environments"), ("quota allows", "Send later"), ("zzz", None)],
)
async def test_the_palette_finds_actions_by_name_key_and_help(
    tmp_path: Path, words: str, first: str | None
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await type_text(pilot, words)
        palette = pilot.app.screen
        assert isinstance(palette, EntriesScreen)
        assert (palette.chosen and palette.chosen.title) == first


async def test_the_palette_opens_saved_requests_and_uses_environments(
    tmp_path: Path,
) -> None:
    write_request(
        tmp_path, "Weekly/a.toml", 'name = "Sign-ups"\nmethod = "GET"\nurl = "/a"\n'
    )
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        screen = main(pilot)
        await wait_for_workers(pilot)
        entries = {e.title: e.help for e in all_entries(screen, screen.focused)}
        assert {
            f"Use environment {e.name}" for e in screen.session.environments.all
        } <= {title.removesuffix(" (in use)") for title in entries}
        # Its kind is not in its help: “save” would find each of them.
        assert entries["GET Sign-ups"] == "Weekly"


async def test_a_theme_is_shown_as_it_is_highlighted_and_kept_by_enter(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        app, screen = pilot.app, main(pilot)
        before = app.theme
        for key, kept in (("escape", before), ("enter", "nord")):
            screen.action_choose_theme()
            await pilot.pause()
            await type_text(pilot, "nord")
            assert app.theme == "nord"
            await press(pilot, key)
            assert app.theme == kept
        settings = (screen.session.config / "config.toml").read_text()
        assert settings == 'theme = "nord"\n'


async def test_the_palette_has_the_actions_without_keys_where_they_apply(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        for field, is_there in (("body", True), ("url", False)):
            await focus_field(pilot, field)
            titles = {entry.title for entry in action_entries(screen, screen.focused)}
            for action in ACTIONS:
                if action.scope is Scope.BODY and not action.keys:
                    assert (action.label in titles) is is_there, (field, action.id)


async def test_the_palette_shows_the_keys_that_act_where_the_focus_is(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        for focus, keys in (
            (screen.saved_requests, "n"),
            (screen.request_pane.url_field, ""),
        ):
            screen.set_focus(focus)
            await pilot.pause()
            entries = action_entries(screen, screen.focused)
            assert [e.keys for e in entries if e.title == "New folder"] == [keys]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("f9", "f9"),
        ("f5, ctrl+r, ctrl+enter", "f5, ctrl+r"),
        ("ctrl+b, ctrl+_", "ctrl+b"),
        ("", ""),
    ],
)
def test_the_palette_shows_whole_keys_apart_from_the_help(
    keys: str, shown: str
) -> None:
    assert _whole_keys(keys) == shown


async def test_quit_asks_only_when_something_is_unsaved(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not app.is_running or app._exit


async def test_control_c_never_quits(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await type_text(pilot, "/x")
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not app._exit
        assert main(pilot).draft.url == "/x"


async def test_the_body_can_be_edited_in_ones_own_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixtui.ui.dialogs.external import edit, editor_command

    script = tmp_path / "editor.sh"
    script.write_text(
        '#!/bin/sh\nprintf \'{"$set": 1}\\n\' > "$1"\nls -l "$1" > mode\n'
    )
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    command = editor_command({"EDITOR": "false", "VISUAL": f"'{script}'"})
    assert edit(Body(text="{}"), command).text == '{"$set": 1}'
    assert (tmp_path / "mode").read_text().startswith("-rw-------")


async def test_an_editor_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    from mixtui.ui.dialogs.external import EditorError, edit, editor_command

    with pytest.raises(EditorError, match="Cannot start"):
        edit(Body(text="kept"), [str(tmp_path / "none")])
    with pytest.raises(EditorError, match="No editor configured"):
        editor_command({})
