"""Targets: files that people edit, and those that another version or a crash left."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from hypothesis import strategies as st

from mixtui.actions import ACTIONS
from mixtui.history.database import Database
from mixtui.history.entries import from_json, to_json
from mixtui.keymap import check_keys
from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.draft import Draft
from mixtui.model.known_names import KnownNames, NameQuery
from mixtui.request.prepare import prepare
from mixtui.storage.answers import AnswerStore
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.drafts import DraftStore
from mixtui.storage.environments import load_environments, name_problem
from mixtui.storage.heads import RequestHead, read_head
from mixtui.storage.location import (
    join_location,
    matching_name,
    parse_folders,
    parse_location,
)
from mixtui.storage.order import load_order, read_order
from mixtui.storage.pane_sizes import load_pane_sizes
from mixtui.storage.paths import (
    display_name,
    fold_name,
    slug,
    unique_name,
    validate_name,
)
from mixtui.storage.recent import FilterHistory, NameStore, RecentCollections
from mixtui.storage.request_file import parse, render
from mixtui.storage.settings import load_settings
from mixtui.storage.tags import join_tags, parse_tags, shown_tags
from mixtui.storage.toml_editor import line_of, split_blocks
from mixtui.storage.toml_values import (
    InvalidToml,
    InvalidValue,
    Table,
    decode,
    parse_toml,
    to_toml,
    to_toml_key,
)
from mixtui.storage.trash import Trash
from mixtui.storage.trust import TrustStore
from mixtui.text import sanitize
from mixtui.ui.themes import load_themes
from tests.exchanges import ENVIRONMENT
from tests.fuzz.target import SECRET, Target, check_sentence, refused
from tests.fuzz.texts import AWKWARD, encoded, mutated, near, seeds
from tests.history.records import make_record
from tests.storage.strategies import drafts

_TOML_TOKENS = (
    *(
        "[",
        "]",
        "[[query]]\n",
        "[options]\n",
        "[body]\n",
        "[a.b]\n",
        "=",
        '"',
        "'",
        "'''",
    ),
    *(
        '"""',
        "\\",
        "\\u00e9",
        "\\x41",
        "#",
        "\n",
        "name = ",
        'method = "GET"\n',
        "{ a = 1 }",
    ),
    *(
        "1979-05-27T07:32:00Z",
        "0x_1",
        "inf",
        "nan",
        "true",
        "1_0",
        ".",
        ",",
        'url = "/x"\n',
    ),
    *(
        "a.b = 1\n",
        "\r\n",
        "[query]\n",
        "enabled = false\n",
        "timeout = ",
        "tags = [1]\n",
    ),
)
_REQUEST_SEEDS = (
    *seeds("storage/test_request_file.py", "="),
    'name = "x"\nmethod = "POST"\napi = "ingestion"\nurl = "/import"\ntags = ["a"]\n'
    '\n[[query]]\nname = "a"\nvalue = "b"\nenabled = false\n\n[body]\ntype = "json"\n'
    "text = '''\n{\"a\": 1}\n'''\n\n[options]\ntimeout = 3.5\nauth = \"none\"\n"
    '\n[inputs.day]\nlabel = "Day"\n',
)
_CONFIG_SEEDS = (
    *seeds("storage/test_settings.py", "="),
    'theme = "mixtui-dark"\nmouse = false\n[keys]\nsend = ["f5", "ctrl+r"]\n'
    "[history]\nkeep = true\ncount = 10\ndays = 3\nbytes = 99\n",
)
_ENVIRONMENT_SEEDS = (
    *seeds("storage/test_environments.py", "="),
    'default = "a"\n[environments.a]\nregion = "eu"\nproject_id = "12"\n'
    'service_account = { username = "u", secret = { env = "S" } }\n'
    '[environments.a.hosts]\nquery = "https://x.example"\n'
    '[environments.a.variables]\nx = 1\n[environments.a.tls]\nca_file = "ca.pem"\n',
)
_THEME_SEEDS = (
    'primary = "#ff0000"\ndark = true\nluminosity-spread = 0.2\n[variables]\na = "b"\n',
    *seeds("ui/test_theme_files.py", "="),
)
_PATH = Path("/nonexistent/request.toml")
_NAMES = KnownNames((), datetime(2026, 1, 2, tzinfo=UTC))
_TRASH_ORIGIN = "deleted-from.toml"


def _toml(originals: tuple[str, ...]) -> st.SearchStrategy[str]:
    return mutated(originals, (*_TOML_TOKENS, *AWKWARD)) | near(originals, _TOML_TOKENS)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _check_request_file(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    read = refused(lambda: parse(data, _PATH))
    if read is None:
        return
    assert _is_toml(data.decode("utf-8-sig")), "we accept what tomllib refuses"
    draft, warnings = read
    for warning in warnings:
        check_sentence(warning)
    again = refused(lambda: render(draft, data.decode("utf-8-sig")))
    if again is not None:
        assert parse(again, _PATH)[0] == draft
    refused(lambda: prepare(draft, ENVIRONMENT))


def _check_saved_draft(draft: Draft) -> None:
    """Every draft can be saved and read again."""
    text = render(draft)
    assert tomllib.loads(text) is not None
    again, warnings = parse(text, _PATH)
    assert render(again) == render(parse(render(again), _PATH)[0])
    assert not [w for w in warnings if "leave_out" not in w], warnings


def _check_toml_text(text: str) -> None:
    """Blocks are the file, and what tomllib accepts is read as tomllib reads it."""
    source = text.replace("\r\n", "\n")
    if _is_toml(text):
        assert parse_toml(text) == tomllib.loads(text) or "nan" in text
        blocks = split_blocks(source)
        assert "".join(block.text for block in blocks) == source
        document = Table(tomllib.loads(text))
        for key in document.names:
            line = line_of(source, (), None, key)
            assert line is None or 1 <= line <= source.count("\n") + 1
            assert tomllib.loads(f"{to_toml_key(key)} = 1") == {key: 1}
            refused(partial(document.text, key), InvalidValue)
            refused(partial(document.texts, key), InvalidValue)
            refused(partial(document.flag, key, True), InvalidValue)
            refused(partial(document.rows, key), InvalidValue)
            refused(partial(document.table, key), InvalidValue)
        document.unknown_keys()
        refused(lambda: read_order(document), InvalidValue)
    refused(lambda: parse_toml(text), InvalidToml)
    data = text.encode("utf-8", "surrogatepass")
    refused(lambda: decode(data), InvalidToml)
    if "\ud800" not in text:
        assert tomllib.loads(f"x = {to_toml(text)}") == {"x": text}


def _in_folder(check: Callable[[Path, bytes], object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), data)

    return run


def _check_settings(folder: Path, data: bytes) -> None:
    (folder / "config.toml").write_bytes(data)
    settings = refused(lambda: load_settings(folder / "config.toml"))
    if settings is not None:
        _, problems = check_keys(settings.keys)
        for sentence in (*problems, *settings.warnings):
            check_sentence(sentence)


def _check_environments(folder: Path, data: bytes) -> None:
    (folder / "environments.toml").write_bytes(data)
    (folder / "mixtui.toml").write_bytes(data)
    (folder / "credentials.toml").write_bytes(data)
    (folder / "credentials.toml").chmod(0o600)
    stored = StoredCredentials(folder / "credentials.toml")
    refused(lambda: stored.get("a", "service_account"), secret=SECRET)
    for root in (None, folder):
        environments = refused(
            partial(load_environments, folder, root, stored, {}),
            secret=SECRET,
        )
        if environments is not None:
            for name in environments.names:
                environment = refused(partial(environments.get, name), secret=SECRET)
                if environment is not None:
                    refused(partial(prepare, Draft(url="/events"), environment))
    load_order(folder)


def _check_themes(folder: Path, data: bytes) -> None:
    (folder / "mine.toml").write_bytes(data)
    _, problems = load_themes(folder)
    for problem in problems:
        check_sentence(problem)


def _check_heads(folder: Path, data: bytes) -> None:
    """What lists show of a request is what it holds, and safe to show."""
    path = folder / "a.toml"
    path.write_bytes(data)
    head = read_head(path)
    if isinstance(head, RequestHead):
        assert sanitize(head.name) == head.name and head.name
        assert parse(data, path)[0].url == head.url
    else:
        check_sentence(str(head))


_STATE_SEEDS = (
    '{"sidebar": 30, "width_share": 0.5, "height_share": null}',
    '{"/a.toml": {"day": "2026-01-01"}}',
    '"a"\n"b"\n',
    '{"folders": {"/a": {"made_here": true, "powers": [["host", "https://x"]]}}}',
    '{"project": "p", "names": [{"kind": "event", "event": "", "property": "", '
    '"asked": "2026-01-01T00:00:00+00:00", "names": [["a", "b"]]}]}',
    '# mixtui-opened-from = "/a.toml"\n# mixtui-collection = "/"\nname = "x"\n',
    'path = "/a/b.toml"\nundone = false\n',
    to_json(make_record("a")),
)
_STATE_TOKENS = (
    *(
        '{"',
        '":',
        "[",
        "]",
        "{}",
        "null",
        "-1",
        "1e999",
        '"host"',
        '["host", "x"]',
        "[[1],2]",
    ),
    *(
        '"\\ud800"',
        '"\\u0000"',
        "# mixtui-collection = 3\n",
        '"kind"',
        '"asked"',
        "true",
    ),
    *("2026-01-01T00:00:00", "NaN", "path = 1\n", '"powers"', '"names"', "[[[1], 2]]"),
)


def _check_state(folder: Path, data: bytes) -> None:
    """Whatever is in a file of the state folder, it is read, or counts as missing."""
    for name in ("panes.json", "inputs.json", "filters.jsonl", "trust.json"):
        (folder / name).write_bytes(data)
    (folder / "collections.jsonl").write_bytes(data)
    sizes = load_pane_sizes(folder)
    assert sizes.sidebar is None or sizes.sidebar > 0
    answers = AnswerStore(folder)
    assert all(isinstance(v, str) for v in answers.load(Path("/a.toml")).values())
    answers.store(Path("/b.toml"), {"a": "b"})
    assert answers.load(Path("/b.toml")) == {"a": "b"}
    filters = FilterHistory(folder)
    assert all(isinstance(each, str) for each in filters.load())
    assert filters.add(".a")[0] == ".a"
    recent = RecentCollections(folder)
    recent.add(Path("/x"))
    assert recent.load()[0] == Path("/x")
    trust = TrustStore(folder)
    for root, _ in trust.folders():
        assert isinstance(root, Path)
    trust.trust_in(Path("/a"))
    trust.grant(Path("/a"), [])
    names = NameStore(folder / "names")
    names.store("p", NameQuery(NameKind.EVENT), _NAMES)
    (path,) = (folder / "names").glob("*.json")
    path.write_bytes(data)
    for known in names.load("p").values():
        assert known.requested_at.tzinfo is not None
    (folder / "trash" / "1-1").mkdir(parents=True)
    (folder / "trash" / "1-1" / _TRASH_ORIGIN).write_bytes(data)
    Trash(folder / "trash").deleted_under(folder)
    (folder / "drafts" / "999999999-a").mkdir(parents=True)
    (folder / "drafts" / "999999999-a" / "draft.toml").write_bytes(data)
    for left in DraftStore(folder / "drafts").recoverable(Path("/")):
        assert left.draft != Draft()


def _check_history(folder: Path, data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    record = refused(lambda: from_json(text, b""), ValueError)
    if record is not None:
        assert refused(lambda: to_json(record), ValueError) is not None
    database = Database(folder)
    database.path.write_bytes(data)
    refused(lambda: database.read(lambda c: c.execute("select 1").fetchall()))
    database.close()


_KEYS = st.dictionaries(
    st.sampled_from([a.id for a in ACTIONS] + ["x", "sned"]),
    near(
        ("f5", "ctrl+r", "?", "escape", "shift+tab", "ctrl++", "a, b", "ctrl+shift+x"),
        ("ctrl+", "shift+", "alt+", "f12", "space", "+", ",", "ü", "question_mark"),
    )
    | st.lists(st.sampled_from(["f5", "x", ""]), max_size=2)
    | st.integers(),
    max_size=3,
)


def _check_key_names(overrides: dict[str, object]) -> None:
    actions, problems = check_keys(overrides)
    assert [a.id for a in actions] == [a.id for a in ACTIONS]
    for problem in problems:
        check_sentence(problem)


_ROOT = Path("/tmp/collection")
_LOCATIONS = near(
    (
        "Folder/Name",
        "a\\/b/c",
        "..",
        "../x",
        "/etc/passwd",
        "a//b",
        "C:\\x",
        "CON",
        "a/../b",
    ),
    ("/", "\\/", "\\\\", "..", ".", "~", "NUL", "a", " ", ":", "*", "A" * 250, ".toml"),
)


def _check_location(text: str) -> None:
    """A location never leads out of the collection, and its text leads to it again."""
    for is_folder in (False, True):
        found = refused(partial(parse_location, text, _ROOT, is_folder=is_folder))
        if found is not None:
            assert ".." not in found.folders and "" not in (*found.folders, found.name)
            assert not any("/" in each for each in found.folders)
            shown = join_location((*found.folders, found.name))
            if sanitize(text) == text:
                assert parse_location(shown, _ROOT, is_folder=is_folder) == found
    folders = refused(lambda: parse_folders(text, _ROOT))
    for name in folders or ():
        assert "/" not in name and name not in ("", ".", "..") and "\0" not in name
    name = refused(lambda: validate_name(text, _ROOT))
    if name is not None:
        assert Path(name).name == name and len(os.fsencode(name)) < 256
    stem = slug(text)
    assert stem and Path(stem).name == stem and len(os.fsencode(stem)) < 250
    assert unique_name(stem, {fold_name(stem)}) != stem
    assert sanitize(display_name(text)) == display_name(text)
    matching_name(text, [text, stem])
    name_problem(text)


def _check_tags(text: str) -> None:
    tags = parse_tags(text)
    assert parse_tags(join_tags(tags)) == tags
    assert all(sanitize(tag) == tag for tag in shown_tags(tags))


TARGETS = (
    Target("saved request", _toml(_REQUEST_SEEDS), _check_request_file, 60),
    Target("draft to save", drafts, _check_saved_draft, 25),
    Target(
        "TOML text",
        _toml((*_REQUEST_SEEDS, *_CONFIG_SEEDS, *_ENVIRONMENT_SEEDS)),
        _check_toml_text,
        60,
    ),
    Target(
        "config.toml", encoded(_toml(_CONFIG_SEEDS)), _in_folder(_check_settings), 40
    ),
    Target(
        "environments.toml",
        encoded(_toml(_ENVIRONMENT_SEEDS)),
        _in_folder(_check_environments),
        40,
    ),
    Target("theme", encoded(_toml(_THEME_SEEDS)), _in_folder(_check_themes), 40),
    Target(
        "head of a request", encoded(_toml(_REQUEST_SEEDS)), _in_folder(_check_heads)
    ),
    Target(
        "state folder",
        encoded(
            mutated(_STATE_SEEDS, (*_STATE_TOKENS, *AWKWARD))
            | near(_STATE_SEEDS, _STATE_TOKENS)
        ),
        _in_folder(_check_state),
        60,
    ),
    Target(
        "history",
        encoded(mutated(_STATE_SEEDS[-1:], (*_STATE_TOKENS, *AWKWARD))),
        _in_folder(_check_history),
        25,
    ),
    Target("keys", _KEYS, _check_key_names, 60),
    Target("location", _LOCATIONS, _check_location, 60),
    Target(
        "tags", near(("a, b", "#x y", "a,,b"), (",", "#", " ", "a")), _check_tags, 40
    ),
)
