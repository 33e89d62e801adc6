"""What is listed for each argument, and that each saved request is named so that it is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.cli.commands import load_command
from mixtui.cli.commands.completions import SHELLS as OFFERED
from mixtui.cli.commands.names import COMMANDS
from mixtui.cli.commands.root import app_arguments
from mixtui.cli.completion.position import kind_of
from mixtui.cli.completion.shells import SHELLS
from mixtui.cli.completion.values import KINDS
from mixtui.storage.collection import Collection
from mixtui.storage.toml_values import to_toml
from tests.cli.conftest import CommandLine, mixtui

__all__ = ["mixtui"]


INPUTS = """
[[input]]
name = "plan"
choices = ["free", "pro"]
[[input]]
name = "day"
"""


def completed(mixtui: CommandLine, *words: str, shell: str = "fish") -> list[str]:
    """Return what completes the last word."""
    text = "".join(f"{word}\0" for word in words)
    done = mixtui("completions", shell, "--complete", stdin=text.encode())
    assert done.status == 0, done.stderr
    head, *lines = done.text.splitlines()
    if head != "values":
        return [head]
    return [line.partition("\t")[0] for line in lines]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_argument_says_what_completes_it(name: str) -> None:
    parser = load_command(name)[0] if name else app_arguments()
    kinds = {
        action.dest: kind_of(parser, action)
        for action in parser._actions
        if action.nargs != 0
    }
    unclear = {name: kind for name, kind in kinds.items() if kind not in KINDS}
    assert not unclear, "add completes=… to the argument, or its metavar to position.py"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("",), ["init", "send", "list"]),
        (("env", ""), ["list", "show", "add", "check"]),
        (("en",), ["env"]),
        (("--the",), ["--theme"]),
        (("--theme", "contra"), ["contrast"]),
        (("--theme", "own"), ["own"]),
        (("--env", "te", "send"), ["send"]),
        (("list", ""), ["--help", "--collection"]),
        (("list", "--tag", ""), ["monthly", "weekly"]),
        (("list", "--tag=we"), ["--tag=weekly"]),
        (("send", "GE"), ["GET"]),
        (("send", "--api", "query", "GET", "/query/fun"), ["/query/funnels"]),
        (("send", "--api=app", "GET", "/query/fun"), []),
        (("send", "--auth", "serv"), ["service_account"]),
        (("send", "--file", ""), ["files\t"]),
        (("send", "--file", "a.toml", ""), ["--help"]),
        (("send", "-d", ""), ["@"]),
        (("send", "x", "-q", "a=b", "--no-hi"), ["--no-hints", "--no-history"]),
        (("send", "--", "--no-hi"), []),
        (("show", "te"), ["Team/"]),
        (("show", "Team/"), ["Team/Deep/", "Team/broken", "Team/Weekly sign-ups"]),
        (("show", "team/deep/"), ["Team/Deep/a\\/b"]),
        (("show", "week"), ["Weekly sign-ups"]),
        (("show", "Team/Weekly sign-ups", ""), ["--help", "--collection"]),
        (("show", "x", "--collection", ""), ["folders\t"]),
        (("new", "query.insights", "--save", "Te"), ["Team/", "Team/Deep/"]),
        (("new", "query.ins"), ["query.insights-query"]),
        (("operations", "--family", "lex"), ["lexicon"]),
        (("env", "show", ""), ["prod eu", "test"]),
        (("env", "add", "x", "--secret", "e"), ["env:"]),
        (("env", "add", "x", "--secret", "env:PATH_"), ["env:PATH_OF_TEST"]),
        (("env", "add", "x", "--region", ""), ["us", "eu", "in"]),
        (("history", "show", ""), ["--help"]),
        (("send", "Team/Deep/a\\/b", "--var", ""), ["plan=", "day=", "team="]),
        (("send", "--file", "Team/Deep/ab.toml", "--var", "pl"), ["plan="]),
        (("send", "a/b", "--var", "plan=f"), ["plan=free"]),
        (("send", "a/b", "--var=plan=p"), ["--var=plan=pro"]),
        (("send", "nothing", "--env", "test", "--var", ""), []),
        (
            ("send", "GET", "/x/{id}/{my id}", "--api", "app", "--path", ""),
            ["id=", "my id="],
        ),
        (("send", "GET", "/x/{id}", "--api", "app", "--path", "id=1"), []),
        (
            ("send", "GET", "/query/events/names", "--api", "query", "-q", ""),
            ["type=", "limit="],
        ),
        (("send", "--api=query", "GET", "/query/events", "-q", "ty"), ["type="]),
        (
            ("send", "GET", "/query/events", "--api", "query", "--query", "unit="),
            ["unit=minute", "unit=hour"],
        ),
        (("send", "Names", "-q", ""), ["own=", "type="]),
        (("send", "Names", "-q", "type=gen"), ["type=general"]),
        (("send", "GET", "/query/events/names", "-q", ""), []),
        (("export", "curl", "a/b", "--var", "te"), ["team="]),
        (("help", "out"), ["outcomes"]),
        (("help", "sen"), ["send"]),
        (("help", "history", ""), ["list", "show", "purge"]),
        (("trust", ""), ["folders\t"]),
        (("nothing", "x"), []),
        (("env", "nothing", ""), []),
    ],
)
def test_the_word_at_the_cursor_is_completed(
    mixtui: CommandLine, words: tuple[str, ...], expected: list[str]
) -> None:
    mixtui.write_request("Team/weekly", "name = 'Weekly sign-ups'\ntags = ['weekly']\n")
    mixtui.write_request("Team/broken", "name = \n")
    mixtui.write_request(
        "names",
        "name = 'Names'\nurl = '/query/events/names'\n[[query]]\nname = 'own'\n",
    )
    mixtui.write_request("Team/Deep/ab", "name = 'a/b'\ntags = ['monthly']\n" + INPUTS)
    mixtui.write_environments(
        "[environments.'prod eu'.variables]\nteam = 'a'\n[environments.test]\n"
    )
    (mixtui.config / "themes").mkdir()
    (mixtui.config / "themes" / "own.toml").touch()
    mixtui.variables["PATH_OF_TEST"] = "x"
    found = completed(mixtui, *words)
    # Options follow where nothing else can be listed.
    assert found[: len(expected) or None] == expected


def test_values_of_another_collection_are_listed(mixtui: CommandLine) -> None:
    mixtui.write_request("other/mixtui", "[environments.other]\n")
    mixtui.write_request("other/one", "name = 'One'\n")
    assert completed(mixtui, "show", "--collection", "other", "") == ["One"]
    assert completed(mixtui, "--collection=other", "quota", "--env", "") == ["other"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_value_that_would_end_a_line_is_not_listed(
    mixtui: CommandLine, shell: str
) -> None:
    (mixtui.config / "themes").mkdir()
    for name in ("own\nbad", "own\tbad", "own-good"):
        (mixtui.config / "themes" / f"{name}.toml").touch()
    line = ("", "mixtui --theme own") if shell == "bash" else ("--theme", "own")
    found = completed(mixtui, *line, shell=shell)
    assert [each.lstrip("=") for each in found] == ["own-good"]


def test_a_broken_file_completes_nothing(mixtui: CommandLine) -> None:
    assert completed(mixtui, "show", "--collection", "missing", "x") == []


def test_a_history_entry_is_listed_with_its_request(online: CommandLine) -> None:
    online("send", "GET", "/me", "--api", "app")
    assert len(completed(online, "history", "show", "")) == 1


@given(
    files=st.dictionaries(
        st.sampled_from(
            ["a", "b", "Weekly", "x/a", "x/b", "x/Weekly", "y/-a", "y z/a"]
        ),
        st.none()
        | st.sampled_from(["a", "A", "b", "x/a", "-x", " s ", "Weekly", "ü\\"]),
    ),
    whole=st.booleans(),
)
def test_every_candidate_means_one_request_and_every_request_is_a_candidate(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str | None], whole: bool
) -> None:
    from mixtui.cli.completion.values import _Names

    root = tmp_path_factory.mktemp("collection")
    for file, name in files.items():
        path = root / f"{file}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if name is None else f"name = {to_toml(name)}\n", "utf-8")
    collection = Collection(root, root / ".trash")
    tree = collection.scan()
    names = _Names(collection, tree.all_requests())
    groups: list[tuple[Any, str | None]] = [(tree.all_requests(), None)]
    if not whole:
        groups = [(tree.requests, "")]
        groups += [(f.requests, f"{f.name}/") for f in tree.folders]
    for entries, lead in groups:
        texts = [candidate.value for candidate in names.of(entries, lead)]
        assert [collection.find(text) for text in texts] == [e.path for e in entries]


def test_the_shells_offered_are_those_there_are() -> None:
    assert OFFERED == SHELLS


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed(mixtui: CommandLine, shell: str) -> None:
    from mixtui.cli import completion

    path = Path(completion.__file__).parent / "scripts" / f"mixtui.{shell}"
    assert mixtui("completions", shell).text == path.read_text("utf-8")
