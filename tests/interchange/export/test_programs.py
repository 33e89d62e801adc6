"""What is exported is run, and what arrives is compared with what mixtui sends."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.interchange.export.programs import Program, export
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Tls
from mixtui.model.errors import InterchangeError
from mixtui.model.secrets import SecretReader
from mixtui.model.trust import DraftOrigin
from mixtui.request.prepare import prepare
from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.cli.server import http_response, serve_response
from tests.interchange.exports import (
    DRAFTS,
    READER,
    VARIABLES,
    environment,
    parse_request,
    run_export,
    send,
)


def write_inputs(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the variables and write the files of a draft; return that of its secret."""
    for variable, value in VARIABLES.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TRACE_ENCODED", "t%20r%2Fa%26c%2Be")
    (folder / "it's $a.ndjson").write_text('{"event": "a"}\n')
    secret = folder / "secret"
    kind = "PROJECT_SECRET" if name == "project secret" else "OAUTH_TOKEN"
    secret.write_text(VARIABLES[f"MIXPANEL_{kind}"])
    return secret


@pytest.mark.parametrize("with_secrets", [False, True], ids=["variables", "secrets"])
@pytest.mark.parametrize("name", list(DRAFTS))
@pytest.mark.parametrize("program", [Program.CURL, Program.PYTHON])
def test_what_arrives_is_what_mixtui_sends(
    program: Program,
    name: str,
    with_secrets: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = write_inputs(name, tmp_path, monkeypatch)
    with serve_response(http_response(b"1")) as server:
        draft = DRAFTS[name]
        request = prepare(
            draft,
            environment(server.origin, str(secret)),
            origin=DraftOrigin(tmp_path),
        )
        reader = READER if with_secrets else None
        exported = export(request, draft, program, reader=reader)
        if with_secrets:
            assert not exported.variables
            for variable in (*VARIABLES, "TRACE_ENCODED"):
                monkeypatch.delenv(variable)
        else:
            for value in VARIABLES.values():
                assert value not in exported.text
        run_export(exported.text, program, tmp_path)
        asyncio.run(send(request))
    ours, theirs = map(parse_request, reversed(server.received))
    assert theirs == ours


@pytest.mark.parametrize("program", [Program.CURL, Program.PYTHON])
def test_the_sandbox_responds_to_an_exported_request(
    program: Program,
    sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, value in identity.VARIABLES.items():
        monkeypatch.setenv(variable, value)
    draft = Draft(
        url="/query/events/names", query=(Pair("limit", "2"), Pair("type", "general"))
    )
    target = identity.environments(sandbox.origin)[0]
    exported = export(prepare(draft, target), draft, program)
    assert exported.variables == ("MIXTUI_SANDBOX_SECRET",)
    response = run_export(exported.text, program, tmp_path)
    assert response.startswith("[")


@pytest.mark.parametrize("program", list(Program))
def test_a_variable_that_is_not_set_sends_nothing(program: Program) -> None:
    draft = Draft(url="/query/events")
    exported = export(prepare(draft, environment()), draft, program)
    assert exported.variables == ("MP_SECRET",)
    assert exported.notes == ("Set MP_SECRET: the secret of the service account ci.x.",)
    if program is Program.PYTHON:
        assert 'os.environ["MP_SECRET"]' in exported.text
        assert exported.text.startswith("# Set MP_SECRET: ")
        return
    completed = subprocess.run(
        ["bash", "-c", exported.text], capture_output=True, env={}, check=False
    )
    assert completed.returncode != 0
    assert b"MP_SECRET" in completed.stderr


def test_curl_is_written_as_people_write_it() -> None:
    draft = replace(
        DRAFTS["profiles"],
        query=(Pair("verbose", "1"),),
        headers=(Pair("X-Trace", "1"),),
    )
    exported = export(prepare(draft, environment()), draft, Program.CURL)
    assert exported.text == (
        "curl -X POST 'https://api.mixpanel.com/engage?verbose=1#profile-set' \\\n"
        "  -H 'X-Trace: 1' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  --compressed \\\n"
        '  --data-raw \'[{"$token": "tok", "$distinct_id": "it\'\\\'\'s", '
        '"$set": {"a": "$b"}}]\'\n'
    )


def httpie_arguments(name: str, folder: Path) -> list[str]:
    draft = DRAFTS[name]
    request = prepare(draft, environment(), origin=DraftOrigin(folder))
    text = export(request, draft, Program.HTTPIE).text
    return shlex.split(text.replace("\\\n", ""))


def test_httpie_gets_url_headers_and_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE", VARIABLES["TRACE"])
    arguments = httpie_arguments("query", tmp_path)
    assert arguments[:2] == ["http", "GET"]
    assert arguments[2].startswith(
        "https://mixpanel.com/api/query/events?event=%5B%22it"
    )
    assert arguments[3:] == [
        'X-Odd:it\'s "$HOME" `id` !! \\t ;=@',
        "X-Empty;",
        "Accept:*/*",
        "--auth=ci.x:${MP_SECRET:?}",
        "--ignore-stdin",
    ]
    assert "X-Begin:\\=@" in httpie_arguments("variables in templates", tmp_path)


def test_httpie_gets_bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACE", VARIABLES["TRACE"])
    (tmp_path / "it's $a.ndjson").touch()
    body = '[{"$token": "tok", "$distinct_id": "it\'s", "$set": {"a": "$b"}}]'
    assert httpie_arguments("profiles", tmp_path)[-2:] == [
        f"--raw={body}",
        "--ignore-stdin",
    ]
    assert httpie_arguments("file", tmp_path)[-2:] == [
        "<",
        str(tmp_path / "it's $a.ndjson"),
    ]
    assert httpie_arguments("compressed", tmp_path)[:2] == ["printf", "%s"]


@pytest.mark.filterwarnings("ignore")  # HTTPie's own
@pytest.mark.parametrize("name", list(DRAFTS))
def test_httpie_sends_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = write_inputs(name, tmp_path, monkeypatch)
    with serve_response(http_response(b"1")) as server:
        draft = DRAFTS[name]
        request = prepare(
            draft,
            environment(server.origin, str(secret)),
            origin=DraftOrigin(tmp_path),
        )
        text = export(request, draft, Program.HTTPIE).text
        run_export(text, Program.HTTPIE, tmp_path)
        asyncio.run(send(request))
    ours, theirs = map(parse_request, reversed(server.received))
    assert theirs == ours


def test_a_private_certificate_authority_is_exported() -> None:
    draft = Draft(url="/query/events")
    target = replace(environment(), tls=Tls("/ca's.pem", "/c.pem", "/k.pem"))
    request = prepare(draft, target)
    curl = export(request, draft, Program.CURL).text
    assert "--cacert '/ca'\\''s.pem' \\\n  --cert /c.pem \\\n  --key /k.pem" in curl
    httpie = export(request, draft, Program.HTTPIE).text
    assert "--verify '/ca'\\''s.pem'" in httpie
    python = export(request, draft, Program.PYTHON).text
    compile(python, "script", "exec")
    assert "verify=context" in python


def test_a_nul_character_is_rejected_with_a_message() -> None:
    draft = Draft(
        method=Method.POST, url="/query/jql", body=Body(BodyType.TEXT, "a\0b")
    )
    request = prepare(draft, environment())
    for program in (Program.CURL, Program.HTTPIE):
        with pytest.raises(InterchangeError, match="NUL"):
            export(request, draft, program)
    compile(export(request, draft, Program.PYTHON).text, "script", "exec")


def test_a_typed_credential_is_not_written_out() -> None:
    draft = Draft(
        url="/query/events",
        headers=(Pair("Authorization", "Basic Z2VoZWlt"), Pair("Cookie", "geheim=1")),
    )
    request = prepare(draft, environment())
    for program in Program:
        exported = export(request, draft, program)
        assert exported.variables == ("MIXPANEL_AUTHORIZATION", "MIXPANEL_COOKIE")
        assert "Z2VoZWlt" not in exported.text
        assert "geheim" not in exported.text


def test_no_secret_that_was_typed_by_its_name_is_written_out() -> None:
    draft = Draft(
        method=Method.POST,
        url="/query/events?api_secret=geheim%2F1",
        query=(Pair("access_token", "geheim-2"),),
        headers=(Pair("X-Api-Key", "geheim-3"), Pair("X-Trace", "geheim-2")),
        body=Body(text='{"password": "geheim-4"}'),
    )
    request = prepare(draft, environment())
    for program in Program:
        exported = export(request, draft, program)
        assert "MIXPANEL_X_API_KEY" in exported.variables
        assert "geheim" not in exported.text
        shown = export(
            request, draft, program, reader=SecretReader(variables={"MP_SECRET": "x"})
        )
        assert {f"geheim-{n}" for n in (2, 3, 4)} <= set(
            re.findall(r"geheim-\d", shown.text)
        )


@pytest.mark.parametrize(
    ("value", "item"), [("a\\b", r"X-Odd:a\b"), ("a\\\\:b", r"X-Odd:a\\:b")]
)
def test_httpie_keeps_backslashes(value: str, item: str) -> None:
    draft = Draft(url="/query/events", headers=(Pair("X-Odd", value),))
    request = prepare(draft, environment())
    assert f"'{item}'" in export(request, draft, Program.HTTPIE).text


def test_a_backslash_that_httpie_would_swallow_is_rejected() -> None:
    draft = Draft(url="/query/events", headers=(Pair("X-Odd", "a\\=b"),))
    request = prepare(draft, environment())
    with pytest.raises(InterchangeError, match="X-Odd"):
        export(request, draft, Program.HTTPIE)
