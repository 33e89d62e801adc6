"""What is exported is run, and what arrives is compared with what mixtui sends."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.core.client import Client
from mixtui.core.environments import Credentials, Environment, ServiceAccount, Tls
from mixtui.core.errors import InterchangeError
from mixtui.core.new_draft import draft_of
from mixtui.core.prepare import PreparedRequest, prepare
from mixtui.core.requests import (
    AuthChoice,
    Body,
    BodyType,
    Draft,
    Method,
    Options,
    Pair,
)
from mixtui.core.secrets import FromFile, FromVariable, Secret, SecretReader
from mixtui.interchange.curl import import_curl
from mixtui.interchange.exporting import Program, export
from mixtui.interchange.placing import settled
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operations import Operation, operations
from mixtui.sandbox import identity
from mixtui.sandbox.server import RunningSandbox
from tests.cli.server import answering, http
from tests.fixtures_sandbox import sandbox

__all__ = ["sandbox"]

SECRET = "s3cret $x'\"\\!`é"
VARIABLES = {
    "MP_SECRET": SECRET,
    "TRACE": "t r/a&c+e",
    "MIXPANEL_PROJECT_SECRET": "pr0ject s3cret",
    "MIXPANEL_OAUTH_TOKEN": "oauth-token",
}
NASTY = 'it\'s "$HOME" `id` $(id) !! \\ \\n é 😀 %20 %% *?[a]{b,c}~ #x ;|&<>'
READER = SecretReader(lambda *_: None, VARIABLES)


def environment(origin: str = "", secret_file: str = "") -> Environment:
    return Environment(
        "prod",
        project_id="12",
        credentials=Credentials(
            project_token="tok",
            service_account=ServiceAccount("ci.x", FromVariable("MP_SECRET")),
            project_secret=FromFile(secret_file),
            oauth_token=FromFile(secret_file),
        ),
        hosts=dict.fromkeys(Api, origin) if origin else {},
    )


@dataclass(frozen=True)
class Arrived:
    """A request as a server saw it."""

    method: str
    target: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes


NOT_COMPARED = ("host", "user-agent", "accept-encoding", "connection", "content-length")


def arrived(raw: bytes) -> Arrived:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = sorted((n.lower(), v.strip()) for n, v in pairs)
    if ("content-encoding", "gzip") in headers:
        body = gzip.decompress(body)
    if ("content-type", "application/x-www-form-urlencoded") in headers:
        # A blank may be written + or %20.
        body = repr(parse_qsl(body.decode(), keep_blank_values=True)).encode()
    path, _, query = target.partition("?")
    return Arrived(
        method,
        path,
        tuple(parse_qsl(query, keep_blank_values=True)),
        tuple(h for h in headers if h[0] not in NOT_COMPARED),
        body,
    )


def run(text: str, program: Program, variables: Mapping[str, str]) -> str:
    words = [sys.executable, "-"] if program is Program.PYTHON else ["bash", "-s"]
    kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run(
        words,
        input=text.encode(),
        env={**kept, **variables, "NO_PROXY": "127.0.0.1", "HISTFILE": "/dev/null"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


DRAFTS = {
    "query": Draft(
        url="/query/events",
        query=(Pair("event", f'["{NASTY}"]'), Pair("limit", "10")),
        headers=(Pair("X-Odd", 'it\'s "$HOME" `id` !! \\t ;=@'), Pair("X-Empty", "")),
    ),
    "variables in templates": Draft(
        url="/query/events",
        query=(Pair("trace", "{{env:TRACE}}"),),
        headers=(Pair("X-Trace", "a {{env:TRACE}}b"), Pair("X-Begin", "=@")),
    ),
    "json": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        body=Body(
            BodyType.JSON,
            '[{"event": "it\'s $HOME `id` !! \\\\ \\n é 😀 %20 %%",\n\t"n": 1e400}]',
        ),
    ),
    "profiles": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/engage#profile-set",
        body=Body(BodyType.JSON, '{"$distinct_id": "it\'s", "$set": {"a": "$b"}}'),
    ),
    "form": Draft(
        method=Method.POST,
        url="/query/jql",
        body=Body(BodyType.FORM, f'script="""\nfunction main() {{}}\n"""\nx={NASTY}'),
    ),
    "text": Draft(
        method=Method.PUT,
        api=Api.INGESTION,
        url="/lookup-tables/x",
        headers=(Pair("Content-Type", "text/csv"),),
        body=Body(BodyType.TEXT, "@a,b\r\n\x1b[31m\u202e1,'2'\n"),
    ),
    "compressed": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        headers=(Pair("Content-Encoding", "gzip"),),
        body=Body(BodyType.JSON, '[{"event": "it\'s %s \\\\ {{env:TRACE}}"}]'),
    ),
    "long": Draft(
        method=Method.POST,
        url="/query/jql",
        body=Body(BodyType.TEXT, "it's é\n" * 30_000),
    ),
    "file": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        body=Body(BodyType.FILE, path="it's $a.ndjson"),
    ),
    "delete with a body": Draft(
        method=Method.DELETE,
        api=Api.APP,
        url="/projects/12/x",
        body=Body(BodyType.JSON, "{}"),
        options=Options(delete_body=True),
    ),
    "nothing": Draft(method=Method.POST, api=Api.APP, url="/projects/12/x"),
    "project secret": Draft(
        url="/query/events", options=Options(auth=AuthChoice.PROJECT_SECRET)
    ),
    "project token": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        body=Body(BodyType.JSON, "[]"),
        options=Options(auth=AuthChoice.PROJECT_TOKEN),
    ),
    "oauth": Draft(
        api=Api.APP,
        url="/data-deletions/v3.0/1",
        options=Options(auth=AuthChoice.OAUTH),
    ),
    "typed": Draft(
        url="/query/events", headers=(Pair("Authorization", "Bearer {{env:TRACE}}"),)
    ),
}


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
    for variable, value in VARIABLES.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TRACE_ENCODED", "t%20r%2Fa%26c%2Be")
    (tmp_path / "it's $a.ndjson").write_text('{"event": "a"}\n')
    secret = tmp_path / "secret"
    kind = "PROJECT_SECRET" if name == "project secret" else "OAUTH_TOKEN"
    secret.write_text(VARIABLES[f"MIXPANEL_{kind}"])
    with answering(http(b"1")) as server:
        draft = DRAFTS[name]
        request = prepare(
            draft, environment(server.origin, str(secret)), folder=tmp_path
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
        run(exported.text, program, {})
        asyncio.run(sent(request))
    ours, theirs = map(arrived, reversed(server.received))
    assert theirs == ours


async def sent(request: PreparedRequest) -> None:
    client = Client(READER)
    await client.send(request)
    await client.close()


@pytest.mark.parametrize("program", [Program.CURL, Program.PYTHON])
def test_the_sandbox_answers_what_was_exported(
    program: Program, sandbox: RunningSandbox
) -> None:
    draft = Draft(url="/query/events/names", query=(Pair("limit", "2"),))
    place = identity.environments(sandbox.origin)[0]
    exported = export(prepare(draft, place), draft, program)
    assert exported.variables == ("MIXTUI_SANDBOX_SECRET",)
    answer = run(exported.text, program, identity.VARIABLES)
    assert answer.startswith("[")


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
    done = subprocess.run(
        ["bash", "-c", exported.text], capture_output=True, env={}, check=False
    )
    assert done.returncode != 0
    assert b"MP_SECRET" in done.stderr


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


def httpie_words(name: str, folder: Path) -> list[str]:
    draft = DRAFTS[name]
    request = prepare(draft, environment(), folder=folder)
    text = export(request, draft, Program.HTTPIE).text
    return shlex.split(text.replace("\\\n", ""))


def test_httpie_gets_url_headers_and_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE", VARIABLES["TRACE"])
    words = httpie_words("query", tmp_path)
    assert words[:2] == ["http", "GET"]
    assert words[2].startswith("https://mixpanel.com/api/query/events?event=%5B%22it")
    assert words[3:] == [
        'X-Odd:it\'s "$HOME" `id` !! \\\\t ;=@',
        "X-Empty;",
        "Accept:*/*",
        "--auth=ci.x:${MP_SECRET:?}",
        "--ignore-stdin",
    ]
    assert "X-Begin:\\=@" in httpie_words("variables in templates", tmp_path)


def test_httpie_gets_bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACE", VARIABLES["TRACE"])
    (tmp_path / "it's $a.ndjson").touch()
    body = '[{"$token": "tok", "$distinct_id": "it\'s", "$set": {"a": "$b"}}]'
    assert httpie_words("profiles", tmp_path)[-2:] == [
        f"--raw={body}",
        "--ignore-stdin",
    ]
    assert httpie_words("file", tmp_path)[-2:] == [
        "<",
        str(tmp_path / "it's $a.ndjson"),
    ]
    assert httpie_words("compressed", tmp_path)[:2] == ["printf", "%s"]


@pytest.mark.parametrize("name", list(DRAFTS))
def test_httpie_sends_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("httpie")
    for variable, value in VARIABLES.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TRACE_ENCODED", "t%20r%2Fa%26c%2Be")
    (tmp_path / "it's $a.ndjson").write_text('{"event": "a"}\n')
    secret = tmp_path / "secret"
    kind = "PROJECT_SECRET" if name == "project secret" else "OAUTH_TOKEN"
    secret.write_text(VARIABLES[f"MIXPANEL_{kind}"])
    with answering(http(b"1")) as server:
        draft = DRAFTS[name]
        request = prepare(
            draft, environment(server.origin, str(secret)), folder=tmp_path
        )
        text = export(request, draft, Program.HTTPIE).text
        function = f'http() {{ "{sys.executable}" -m httpie "$@"; }}\n'
        run(function + text, Program.HTTPIE, {})
        asyncio.run(sent(request))
    ours, theirs = map(arrived, reversed(server.received))
    assert theirs == ours


def test_a_private_authority_goes_along() -> None:
    draft = Draft(url="/query/events")
    place = replace(environment(), tls=Tls("/ca's.pem", "/c.pem", "/k.pem"))
    request = prepare(draft, place)
    curl = export(request, draft, Program.CURL).text
    assert "--cacert '/ca'\\''s.pem' \\\n  --cert /c.pem \\\n  --key /k.pem" in curl
    httpie = export(request, draft, Program.HTTPIE).text
    assert "--verify '/ca'\\''s.pem'" in httpie
    python = export(request, draft, Program.PYTHON).text
    compile(python, "script", "exec")
    assert "verify=context" in python


def test_what_no_command_line_can_hold_is_refused_in_words() -> None:
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


# The round trip: what curl would send is what mixtui would send again.

values = st.text(
    st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=12
).filter(lambda text: "{{" not in text)
names = st.text("abcXYZ_-$.[]é", min_size=1, max_size=6).filter(
    lambda name: name not in ("token", "api_secret", "project_id")
)
header_values = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12
).filter(lambda text: "{{" not in text)
header_names = st.sampled_from(["X-A", "x-b", "Accept", "User-Agent", "Referer"])
bodies = st.one_of(
    st.none(),
    values.map(lambda text: Body(BodyType.TEXT, f"x{text}")),
    values.map(lambda text: Body(BodyType.CSV, f"a,b\n{text}")),
    st.sampled_from(
        [
            Body(BodyType.JSON, '[{"event": "a\'b", "properties": {"$x": 1.00}}]'),
            Body(BodyType.NDJSON, '{"a": 1}\n{"b": "$HOME"}'),
            Body(BodyType.FORM, "a=1\nb=x & y=z\nc=\n"),
        ]
    ),
)
drafts = st.builds(
    Draft,
    method=st.sampled_from([Method.POST, Method.PUT, Method.PATCH]),
    api=st.just(Api.QUERY),
    url=st.sampled_from(["/query/x", "/2.0/y?z=%41", "/query/x#y"]),
    query=st.lists(st.builds(Pair, names, values), max_size=3).map(tuple),
    headers=st.lists(st.builds(Pair, header_names, header_values), max_size=3).map(
        tuple
    ),
    body=bodies,
)


@given(drafts)
def test_what_was_exported_as_curl_can_be_imported(draft: Draft) -> None:
    place = environment()
    request = prepare(draft, place)
    found = import_curl(export(request, draft, Program.CURL).text)
    again = prepare(found.draft, place)
    assert (again.method, again.api) == (request.method, request.api)
    assert again.url.replace("%41", "A") == request.url.replace("%41", "A")
    assert sorted(again.headers) == sorted(request.headers)
    assert again.content == request.content
    (credential,) = found.credentials
    assert credential.username == "ci.x"
    assert credential.secret == FromVariable("MP_SECRET")


@pytest.mark.parametrize("name", [n for n in DRAFTS if n not in ("compressed", "long")])
def test_what_was_exported_with_credentials_can_be_imported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE", "abc")
    (tmp_path / "it's $a.ndjson").touch()
    place = environment()
    request = prepare(DRAFTS[name], place, folder=tmp_path)
    found = import_curl(export(request, DRAFTS[name], Program.CURL).text)
    auth = DRAFTS[name].options.auth
    draft = replace(found.draft, options=replace(found.draft.options, auth=auth))
    if name == "typed":
        (credential,) = found.credentials
        assert credential.secret == FromVariable("TRACE")
        draft = replace(draft, headers=DRAFTS[name].headers)
    again = prepare(draft, place, folder=tmp_path)
    assert again.url == request.url
    assert again.content == request.content
    assert sorted(again.headers) == sorted(request.headers)


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.id)
def test_every_operation_comes_back_from_curl(operation: Operation) -> None:
    place = replace(
        identity.environments("http://127.0.0.1:1")[0],
        hosts={},
        variables=dict.fromkeys(re.findall(r"{([^}]+)}", operation.url), "1"),
    )
    draft = draft_of(operation)
    request = prepare(draft, place)
    found = import_curl(export(request, draft, Program.CURL).text)
    assert found.region is place.region
    again = prepare(settled(found.draft, place), place)
    assert (again.method, again.url) == (request.method, request.url)
    assert again.content == request.content
    assert again.operation == request.operation


# And the reverse: what curl itself sends, and what mixtui sends after taking it over.

Q = "/api/query/x?project_id=12"
JSON = "-H 'Content-Type: application/json'"
COMMANDS = [
    f"{Q}'&a=1'",
    f"{Q}'&event=%5B%22a%20b%22%5D' -H 'X-A:  b '",
    f"-G {Q} -d b=2 --data-urlencode 'c=[\"x y\"]&' -d d=",
    f"{Q} -d 'a=1&b=x%20y' -d c=",
    f"{Q} --data-urlencode 'a=x & y+z' --data-urlencode 'b@file.txt'",
    f"{Q} --data-raw '@a=1' -X PUT",
    f"{Q} --json '{{\"a\": [1.00, \"it'\\''s\"]}}'",
    f"{Q} --json '{{\"a\":' --json 1}}",
    f'{Q} {JSON} --data-binary $\'{{\n\t"a": "\\u00e9\\x41"\n}}\'',
    f'{Q} {JSON} -d "{{\\"a\\": \\"\\$set\\"}}"',
    f"-sSXPATCH {Q} {JSON} -d '{{}}'",
    f"-X DELETE {Q}",
    f"-X DELETE {Q} {JSON} -d '{{}}'",
    f"{Q} -H 'Content-Type: text/csv' --data-binary @file.txt",
    f"{Q} -H 'Content-Type: application/xml' -d '<a>b</a>'",
    f"-T file.txt {Q} -H 'Content-Type: text/csv' -H 'Expect:'",
    f"{Q} -A agent -e https://r/ -r 0-9 -H 'X-Empty;' -H 'Accept: a/b'",
    f"-\\\n H 'X-A: b' {Q}".replace("-\\\n ", "-\\\n"),
    f"--url-query 'a=x y' {Q}",
]


@pytest.mark.parametrize("rest", COMMANDS)
def test_curl_itself_sends_what_is_taken_over(
    rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("x,y é&\n")
    with answering(http(b"1")) as server:
        place = environment(server.origin)
        secret = shlex.quote(f"ci.x:{SECRET}")
        command = f"curl -u {secret} {rest}".replace(Q, server.origin + Q)
        found = import_curl(command, (place,), tmp_path)
        if "--url-query" not in command:  # Newer than the curl of many systems.
            run(command, Program.CURL, {})
        else:
            run(f"curl -u {secret} '{server.origin}{Q}&a=x%20y'", Program.CURL, {})
        asyncio.run(sent(prepare(found.draft, place, folder=tmp_path)))
    ours, theirs = map(arrived, reversed(server.received))
    assert ours == theirs
    assert [c.secret for c in found.credentials] == [Secret(SECRET)]
