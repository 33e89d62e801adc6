"""A credential that a server sends back is in nothing that is printed about it or stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mixtui.model.secrets import REDACTED
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import free_port, http_response, serve_response
from tests.encodings import FORMS

SECRET = 'kq7/very "secret"+zx9%41&é'
BASIC = base64.b64encode(f"ci:{SECRET}".encode()).decode()
SEND = ("send", "GET", "/query/x", "--api", "query")


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    match value:
        case dict():
            for name, member in value.items():
                yield name
                yield from texts(member)
        case list():
            for item in value:
                yield from texts(item)
        case str():
            yield value


def kept_files() -> Iterator[tuple[Path, bytes]]:
    for path in state_dir().rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def send(
    mixtui: CommandLine, response: bytes, *arguments: str, api: str = "query"
) -> list[str]:
    """Send with `--json`; return all that was printed about it, then and later."""
    with serve_response(response) as server:
        mixtui.write_environments(environments_toml(server.origin))
        mixtui.variables["MP_SECRET"] = SECRET
        result = mixtui(*arguments, "--json", "--yes")
    shown = mixtui("history", "show", "1", "--json")
    pages = [
        mixtui("history", "show", "1").text,
        mixtui("history", "show", "1", "--body").text,
        mixtui("history", "list").text,
        result.stderr,
    ]
    values = (json.loads(result.text), json.loads(shown.text))
    return [*pages, *(text for value in values for text in texts(value))]


@pytest.mark.parametrize("secret", [SECRET, BASIC], ids=["secret", "header"])
@pytest.mark.parametrize("form", FORMS)
def test_a_credential_is_masked_in_every_form_wherever_it_is_printed_or_stored(
    mixtui: CommandLine, form: str, secret: str
) -> None:
    written = FORMS[form](secret)
    line = written.replace("\n", "")
    body = f'{{"error": "no: {written}", "{line}": 1}}'.encode()
    headers = (f"X-Echo: {line}", f"Location: /{line}")
    response = http_response(body, f"400 Bad {line}", *headers)
    for text in send(mixtui, response, *SEND):
        assert secret not in text
        assert written not in text
        assert line not in text
    for path, content in kept_files():
        assert secret.encode() not in content, path
        assert written.encode() not in content, path


def test_the_response_is_printed_unchanged(mixtui: CommandLine) -> None:
    body = json.dumps({"a": SECRET, "b": BASIC}).encode()
    with serve_response(http_response(body)) as server:
        mixtui.write_environments(environments_toml(server.origin))
        mixtui.variables["MP_SECRET"] = SECRET
        assert mixtui(*SEND).stdout == body
        assert mixtui(*SEND, "-o", "out").status == 0
    assert Path("out").read_bytes() == body
    kept = mixtui("history", "show", "1", "--body").stdout
    assert json.loads(kept) == {"a": REDACTED, "b": REDACTED}


def test_without_a_response_a_credential_is_masked_in_what_was_typed(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(environments_toml(f"http://127.0.0.1:{free_port()}"))
    mixtui.variables["MP_SECRET"] = "kq7-very-secret-zx9"
    note = "kq7-very-secret-zx9"
    result = mixtui(*SEND, "-q", f"note={note}", "-H", f"X-A: {note}", "--json")
    assert result.status == 5
    kept = mixtui("history", "show", "1", "--json")
    for told in (json.loads(result.text), json.loads(kept.text)):
        assert told["request"]["url"].endswith(f"?note={REDACTED}&project_id=1234567")
        assert not any(note in text for text in texts(told))
    for path, content in kept_files():
        assert b"kq7-very" not in content, path


TYPED = "ty9-very/secret+zx9"
IMPORT = ("send", "POST", "/import", "--api", "ingestion", "--no-hints", "-d")


@pytest.mark.parametrize(
    "arguments",
    [
        (*SEND, "-H", f"X-Api-Key: {TYPED}"),
        (*SEND, "-H", f"Authorization: Bearer {TYPED}"),
        (*SEND, "-H", f"Authorization: Token {TYPED}"),
        (
            *SEND,
            "-H",
            f"Authorization: Basic {base64.b64encode(f'u:{TYPED}'.encode()).decode()}",
        ),
        (*SEND, "-H", f"Cookie: theme=dark; sid={TYPED}"),
        (*SEND, "-q", f"api_secret={TYPED}"),
        (*SEND, "-q", f"callback=https://u:{TYPED.replace('/', '%2F')}@h.example/"),
        ("send", "GET", f"/query/x?access_token={TYPED}", "--api", "query"),
        (*IMPORT, json.dumps([{"event": "e", "properties": {"password": TYPED}}])),
    ],
    ids=lambda arguments: arguments[-1][:24],
)
def test_a_secret_that_was_typed_by_its_name_is_masked(
    mixtui: CommandLine, arguments: tuple[str, ...]
) -> None:
    body = json.dumps({"error": f"no: {TYPED}"}).encode()
    for text in send(mixtui, http_response(body, "400 Bad"), *arguments):
        assert TYPED not in text
    for path, content in kept_files():
        assert TYPED.encode() not in content, path
    (entry,) = json.loads(mixtui("history", "list", "--json").text)
    assert entry["status"] == 400


def test_a_dry_run_shows_no_secret_that_was_typed_by_its_name(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(environments_toml("http://127.0.0.1:1"))
    arguments = (*SEND, "-q", f"api_secret={TYPED}", "-H", f"X-Api-Key: {TYPED}")
    for more in ((), ("--json",)):
        result = mixtui(*arguments, "--dry-run", *more)
        assert result.status == 0
        assert "ty9-very" not in result.output
        assert REDACTED in result.text


def test_a_project_token_is_public_and_stays(mixtui: CommandLine) -> None:
    body = b'{"code": 200, "num_records_imported": 1, "status": "OK", "token": "tok"}'
    record = '[{"event": "e", "properties": {"distinct_id": "d", "time": 1}}]'
    send(mixtui, http_response(body), *IMPORT, record)
    assert mixtui("history", "show", "1", "--body").stdout == body
