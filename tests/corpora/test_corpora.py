"""The script that runs readers over public corpora, on corpora of a few files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mixtui.model.errors import MixtuiError
from tests.corpora import __main__ as script
from tests.corpora.__main__ import CORPORA, main
from tests.corpora.corpus import Refused, judge
from tests.corpora.imports import check_same, read_wire

FILES = {
    "JSONTestSuite/test_parsing/y_array.json": "[1]",
    "JSONTestSuite/test_parsing/n_comma.json": "[1,]",
    "JSONTestSuite/test_parsing/i_surrogate.json": '["\\ud800"]',
    "JSONTestSuite/test_transform/number.json": "[1e-999]",
    "toml-test/tests/files-toml-1.0.0": "valid/a.toml\nvalid/a.json\ninvalid/b.toml\n",
    "toml-test/tests/valid/a.toml": "# first\na = 1\n[b] # second\nc = 1.5\n",
    "toml-test/tests/valid/a.json": '{"a": {"type": "integer", "value": "1"}, '
    '"b": {"c": {"type": "float", "value": "1.5"}}}',
    "toml-test/tests/invalid/b.toml": "a = \n",
    "curlconverter/test/fixtures/curl_commands/get.sh": "curl localhost:28139/a -H 'X: y'",
    "curlconverter/test/fixtures/http/get.txt": "GET /a HTTP/1.1\nHost: localhost\nX: y\n\n",
    "curlconverter/test/fixtures/curl_commands/form.sh": "curl -F a=b localhost:28139",
    "learn.openapis.org/examples/v3.0/a.yaml": "openapi: 3.0.0\ninfo: {title: a}\n"
    "paths:\n  /a:\n    get:\n      responses: {}\n",
    "learn.openapis.org/examples/v2.0/a.json": '{"swagger": "2.0", '
    '"paths": {"/a": {"get": {}}}}',
    "postman-collection/examples/a.json": '{"info": {"name": "a"}, "item": [{"name": "b", '
    '"request": {"method": "GET", "url": "http://localhost:28139/a"}}]}',
}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_each_reader_is_counted(
    copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--from", str(copies)]) == 0
    printed = capsys.readouterr().out
    assert "| JSONTestSuite | request body | 4 | 3 | 1 | 0 |" in printed
    assert "| toml-test | values | 2 | 1 | 1 | 0 |" in printed
    assert "| curlconverter | curl commands | 2 | 1 | 1 | 0 |" in printed
    assert "| learn.openapis.org | OpenAPI | 2 | 1 | 1 | 0 |" in printed
    assert "| postman-collection | Postman | 1 | 1 | 0 | 0 |" in printed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("JSONTestSuite/test_parsing/y_array.json", "[1,]"),
        ("JSONTestSuite/test_parsing/n_comma.json", "[1]"),
        ("toml-test/tests/valid/a.json", '{"a": {"type": "integer", "value": "2"}}'),
        ("toml-test/tests/invalid/b.toml", "a = 1\n"),
        (
            "curlconverter/test/fixtures/http/get.txt",
            "GET /a HTTP/1.1\nHost: localhost\nX: other\n\n",
        ),
        ("learn.openapis.org/examples/v3.0/a.yaml", "openapi: 3.0.0\npaths: 1"),
    ],
)
def test_what_a_corpus_says_otherwise_is_printed(
    name: str, text: str, copies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copies / name).write_text(text)
    assert main(["--from", str(copies), name.partition("/")[0]]) == 1
    assert f"{Path(name).stem}." in capsys.readouterr().out


def test_a_corpus_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--from", str(tmp_path), "toml-test"]) == 2
    assert "is not a copy of toml-lang/toml-test" in capsys.readouterr().err


def test_git_gets_what_is_needed_once(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for corpus in CORPORA:
        repository = copies / corpus.name
        repository.rename(tmp_path / f"{corpus.name}.away")
        monkeypatch.setattr(script, "_CACHE", tmp_path / "cache")
    commands: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> None:
        commands.append(command)
        if command[1] == "clone":
            folder = Path(command[-1])
            (tmp_path / f"{folder.name}.away").rename(folder)

    monkeypatch.setattr(subprocess, "run", run)
    assert main([]) == 0
    assert len(commands) == 2 * len(CORPORA)
    assert "https://github.com/nst/JSONTestSuite" in commands[0]
    assert main(["toml-test"]) == 0
    assert len(commands) == 2 * len(CORPORA)


def test_each_way_to_fail_is_a_disagreement() -> None:
    def refuse() -> None:
        raise MixtuiError("<X object at 0x7f>.")

    def fail() -> None:
        raise KeyError("x")

    def differ() -> None:
        raise AssertionError("other")

    def give_reason() -> None:
        raise Refused("it is blank")

    assert "not a sentence" in judge("a", refuse).disagreement
    assert "internal error: KeyError" in judge("a", fail).disagreement
    assert "read differently: other" in judge("a", differ).disagreement
    assert judge("a", give_reason, True).disagreement == "refused: it is blank"
    assert judge("a", list, False).disagreement == "accepted"
    assert not judge("a", give_reason, False).disagreement


def test_what_is_not_sent_must_be_in_a_note() -> None:
    curl = read_wire("POST /a HTTP/1.1\nX-Key: 1\n\npassword=p&b=c")
    sent = read_wire("POST /a HTTP/1.1\n\npassword=&b=c")
    notes = "The value of X-Key was removed. The value of password was removed."
    check_same(sent, curl, notes)
    for note in notes.split(". "):
        with pytest.raises(AssertionError):
            check_same(sent, curl, note)
