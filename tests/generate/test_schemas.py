"""A schema accepts what the reader of the file accepts without a warning, and no more."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from generate.__main__ import ROOT
from generate.descriptions import DESCRIPTIONS, TITLES
from generate.recording import UNKNOWN_KEY, RecordingTable
from generate.schemas import FILES, parts, schema
from mixtui.actions import ACTIONS
from mixtui.cli.commands.schema import SCHEMAS
from mixtui.model.draft import Draft
from mixtui.model.errors import SettingsError
from mixtui.request.omissions import unknown_names
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.environments import EnvironmentFile
from mixtui.storage.paths import COLLECTION_FILE
from mixtui.storage.request_file import read_draft, render
from mixtui.storage.settings import read_settings
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import InvalidValue, Table
from mixtui.ui.themes import load_theme, shipped_folder
from tests.storage.strategies import drafts
from tests.test_documentation import toml_examples

STARTER = ROOT / "mixtui" / "storage" / "starter"
ALL = {name: schema(name) for name in FILES}
VALIDATORS = {name: Draft7Validator(value) for name, value in ALL.items()}
JUNK = (0, -1, 1.5, True, "x", "", [], ["x"], [1], {}, {"x": 1}, date(2026, 1, 31))


class DictFile(TomlFile):
    """A file with a document that a test has made."""

    def __init__(self, document: dict[str, Any], name: str = "test.toml") -> None:
        super().__init__(Path(name), "")
        self.document = document

    @contextmanager
    def values(self) -> Iterator[Table]:
        try:
            yield Table(self.document)
        except InvalidValue as error:
            raise self.invalid(error) from None


def read_request(document: dict[str, Any]) -> bool:
    unknown: list[str] = []
    draft = read_draft(Table(document), unknown)
    return not unknown and not unknown_names(draft.options.leave_out)


def read_environments(document: dict[str, Any], name: str = "test.toml") -> bool:
    file = EnvironmentFile(DictFile(document, name))
    return not (file.broken or file.warnings or file.default_problem)


def read_config(document: dict[str, Any]) -> bool:
    settings = read_settings(DictFile(document))
    ids = {action.id for action in ACTIONS}
    return not settings.warnings and settings.keys.keys() <= ids


READERS = {
    "request": read_request,
    "environments": read_environments,
    "collection": partial(read_environments, name=COLLECTION_FILE),
    "config": read_config,
}


def is_read(name: str, document: dict[str, Any]) -> bool:
    """Whether the reader accepts a document without a warning."""
    try:
        return READERS[name](document)
    except (InvalidValue, SettingsError):
        return False


def rarely(
    usual: st.SearchStrategy[Any], unusual: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda n: usual if n else unusual)


def values(part: dict[str, Any], path: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Generate values for a schema: valid ones mostly, and any others sometimes."""
    return rarely(valid_values(part, path), st.sampled_from(JUNK))


def valid_values(part: dict[str, Any], path: tuple[str, ...]) -> st.SearchStrategy[Any]:
    if "anyOf" in part:
        return st.one_of(*(valid_values(each, path) for each in part["anyOf"]))
    if "enum" in part:
        return st.sampled_from(part["enum"])
    match part.get("type"):
        case "object":
            return tables(part, path)
        case "array":
            return st.lists(values(part["items"], path), max_size=2)
        case "boolean":
            return st.booleans()
        case "integer":
            return rarely(st.integers(1, 3), st.integers(-1, 0))
        case "number":
            return rarely(st.integers(1, 3) | st.floats(0.1, 3), st.floats(-1, 0))
        case ["string", "integer"]:
            return st.integers(-1, 3) | st.sampled_from(["a", ""])
        case ["string", "array"]:
            return st.sampled_from(["f5", ["f5", "f6"]])
    if "hosts" in path:
        return st.just("https://events.example.com")
    if path[-1:] == ("leave_out",):
        return st.sampled_from(["content-TYPE", "token"])
    return rarely(st.just("a"), st.sampled_from(["", "TOKEN"]))


def tables(part: dict[str, Any], path: tuple[str, ...]) -> st.SearchStrategy[Any]:
    known = part.get("properties", {})
    # A few of the 250 keys of a large table are as good as all.
    usual = st.sets(st.sampled_from([*known] or ["a", "b c"]), max_size=6)
    names = rarely(usual, st.just({"typo", " d", ""}))
    others = part["additionalProperties"]
    anything = st.sampled_from(JUNK)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries(
            {
                name: values(known[name], (*path, name))
                if name in known
                else anything
                if others == UNKNOWN_KEY
                else values(others, (*path, name))
                for name in sorted(chosen)
            }
        )
    )


def compares_values(document: dict[str, Any]) -> bool:
    """Whether rules apply that a schema cannot express: they compare two values."""
    inputs = document.get("input")
    rows = [e for e in inputs if isinstance(e, dict)] if type(inputs) is list else []
    names = [str(row.get("name")) for row in rows]
    return len(names) > len(set(names)) or any(
        type(row.get("choices")) is list and row.get("default") not in row["choices"]
        for row in rows
    )


@pytest.mark.parametrize("name", ["request", "environments", "config"])
@given(data=st.data())
def test_a_schema_accepts_exactly_what_the_reader_accepts(
    name: str, data: st.DataObject
) -> None:
    document = data.draw(tables(ALL[name], ()))
    assume(not compares_values(document))
    assert VALIDATORS[name].is_valid(document) == is_read(name, document), [
        error.message for error in VALIDATORS[name].iter_errors(document)
    ]


@given(drafts)
def test_every_request_that_mixtui_writes_is_valid(draft: Draft) -> None:
    document = tomllib.loads(render(draft))
    document.get("options", {}).pop("leave_out", None)  # Any text, not a known name.
    assert VALIDATORS["request"].is_valid(document)


def kind_of(example: str) -> str:
    for name, sign in (
        ("environments", "[environments."),
        ("collection", "[order]"),
        ("theme", "primary = "),
        ("request", "method = "),
    ):
        if sign in example:
            return name
    return "config"


# Recipes of imports have no schema: their reader refuses what it does not know.
EXAMPLES = [each for each in toml_examples() if "distinct_id = " not in each[1]]


@pytest.mark.parametrize(
    "example", [text for _, text in EXAMPLES], ids=[name for name, _ in EXAMPLES]
)
def test_every_example_of_the_documentation_is_valid(example: str) -> None:
    VALIDATORS[kind_of(example)].validate(tomllib.loads(example))


def shipped_files() -> list[tuple[str, Path]]:
    themes = [("theme", path) for path in shipped_folder().glob("*.toml")]
    starter = [
        ("collection" if path.name == "mixtui.toml" else "request", path)
        for path in STARTER.rglob("*.toml")
    ]
    assert len(themes) > 5 and len(starter) > 10
    return sorted(themes + starter)


@pytest.mark.parametrize(("name", "path"), shipped_files())
def test_every_file_that_we_ship_is_valid(name: str, path: Path) -> None:
    VALIDATORS[name].validate(tomllib.loads(path.read_text("utf-8")))


INVALID = {
    "request": (
        'method = "get"',
        'api = "querry"',
        "name = 1",
        "query = 'x'",
        "[[query]]\nname = 'a'\nenabled = 'no'",
        "[[headers]]\nnmae = 'a'",
        "[body]\ntype = 'xml'",
        "[options]\ntimeout = 0",
        "[options]\ntimeout = '5'",
        "[options]\nauth = 'basic'",
        "[options]\nleave_out = ['Accept']",
        "[[path]]\nname = 1",
        "[[input]]\ndescription = 'a'",
        "[[input]]\nname = 'my city'",
        "[[input]]\nname = 'env:HOME'",
        "[[input]]\nname = 'a'\nsecret = true\ndefault = 'b'",
        "[[input]]\nname = 'a'\nsecret = true\nchoices = ['b']",
        "[[input]]\nname = 'a'\nchoices = ['b']\nchoices_from = 'events'",
        "[[input]]\nname = 'a'\nchoices_from = 'event'",
        "[[input]]\nname = 'a'\nchoices_from = 'events'\nevent = 'b'",
        "[[input]]\nname = 'a'\nevent = 'b'",
    ),
    "environments": (
        "default = 1",
        "[environments.a]\nregion = 'us-east'",
        "[environments.a]\nproject_id = 1.5",
        "[environments.a.credentials]\nproject_secret = 'abc'",
        "[environments.a.credentials]\noauth_token = { env = 'A', file = 'b' }",
        "[environments.a.credentials]\noauth_token = { vault = 'A' }",
        "[environments.a.credentials]\noauth_token = { env = '' }",
        "[environments.a.credentials]\nservice_account = { secret = { env = 'A' } }",
        "[environments.a.hosts]\nquerry = 'https://a.example'",
        "[environments.a.variables]\nx = true",
        "[environments.'a ']",
        "[env.a]",
    ),
    "config": (
        "theme = 1",
        "mouse = 'no'",
        "keys = []",
        "[keys]\nsned = 'f5'",
        "[keys]\nsend = 5",
        "[keys]\nsend = [5]",
        "[history]\ncount = 0",
        "[history]\ndays = 'all'",
        "[history]\nmax_days = 5",
    ),
}


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name, texts in INVALID.items() for text in texts],
)
def test_what_a_reader_refuses_or_warns_of_is_invalid(name: str, text: str) -> None:
    document = tomllib.loads(text)
    assert not is_read(name, document)
    assert not VALIDATORS[name].is_valid(document)


@pytest.mark.parametrize(
    "text",
    [
        "secondary = 'red'",
        "primary = 1",
        "primary = 'red'\ndark = 'yes'",
        "primary = 'red'\ntext_alpha = 2",
        "primary = 'red'\nprimray = 'red'",
        "primary = 'red'\nvariables = []",
        "primary = 'red'\n[variables]\nbordr = 'red'",
        "primary = 'red'\n[variables]\nblock-cursor-text-style = 'fat'",
    ],
)
def test_a_theme_that_cannot_be_loaded_is_invalid(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        load_theme(path)
    assert not VALIDATORS["theme"].is_valid(tomllib.loads(text))


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ('[prod]\noauth_token = "x"', True),
        ("prod = 'x'", False),
        ("[prod]\noauth_token = 5", False),
    ],
)
def test_stored_credentials_are_read_as_their_schema_says(
    tmp_path: Path, text: str, is_valid: bool
) -> None:
    path = tmp_path / "credentials.toml"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    assert VALIDATORS["credentials"].is_valid(tomllib.loads(text)) == is_valid
    stored = StoredCredentials(path)
    if is_valid:
        assert stored.get("prod", "oauth_token") == "x"
    else:
        with pytest.raises(SettingsError):
            stored.get("prod", "oauth_token")


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_valid_itself_and_describes_each_key_once(name: str) -> None:
    Draft7Validator.check_schema(ALL[name])
    paths = {".".join(path) for path, _ in parts(ALL[name])}
    assert paths == DESCRIPTIONS[name].keys()


def test_every_key_of_a_written_request_is_in_the_schema() -> None:
    # The writer has a list of its own.
    from mixtui.storage.request_file import _OPTION_KEYS

    known = ALL["request"]["properties"]["options"]["properties"]
    assert set(_OPTION_KEYS) == known.keys()


def test_a_value_that_a_reader_reads_without_a_type_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"query\.name is read without a type"):
        RecordingTable(("query",)).value("name")


def test_the_command_offers_every_schema() -> None:
    assert list(SCHEMAS) == list(FILES) == list(TITLES) == list(DESCRIPTIONS)


def test_no_description_is_longer_than_an_editor_shows() -> None:
    texts = {text for each in DESCRIPTIONS.values() for text in each.values()}
    assert not [text for text in texts if len(text) > 260 or not text.endswith(".")]
