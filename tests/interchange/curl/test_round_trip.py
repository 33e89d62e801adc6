"""From mixtui to curl and back, and from curl to mixtui."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.environments import strip_added_ids
from mixtui.interchange.export.programs import Program, export
from mixtui.interchange.sniff import is_curl
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.secrets import FromVariable, Secret
from mixtui.model.trust import DraftOrigin
from mixtui.request.from_operation import draft_from_operation
from mixtui.request.prepare import prepare
from mixtui.sandbox.data import identity
from tests.cli.server import http_response, serve_response
from tests.interchange.exports import (
    DRAFTS,
    SECRET,
    VARIABLES,
    environment,
    parse_request,
    run_export,
    send,
)

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
    target = environment()
    request = prepare(draft, target)
    imported = import_curl(export(request, draft, Program.CURL).text)
    again = prepare(imported.draft, target)
    assert (again.method, again.api) == (request.method, request.api)
    assert again.url.replace("%41", "A") == request.url.replace("%41", "A")
    assert sorted(again.headers) == sorted(request.headers)
    assert again.content == request.content
    (credential,) = imported.credentials
    assert credential.username == "ci.x"
    assert credential.secret == FromVariable("MP_SECRET")


@pytest.mark.parametrize("name", [n for n in DRAFTS if n not in ("compressed", "long")])
def test_what_was_exported_with_credentials_can_be_imported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE", "abc")
    (tmp_path / "it's $a.ndjson").touch()
    target = environment()
    request = prepare(DRAFTS[name], target, origin=DraftOrigin(tmp_path))
    imported = import_curl(export(request, DRAFTS[name], Program.CURL).text)
    auth = DRAFTS[name].options.auth
    draft = replace(imported.draft, options=replace(imported.draft.options, auth=auth))
    if name == "typed":
        (credential,) = imported.credentials
        assert credential.secret == FromVariable("TRACE")
        draft = replace(draft, headers=DRAFTS[name].headers)
    again = prepare(draft, target, origin=DraftOrigin(tmp_path))
    assert again.url == request.url
    assert again.content == request.content
    assert sorted(again.headers) == sorted(request.headers)


@pytest.mark.parametrize("operation", operations(), ids=lambda o: o.id)
def test_every_operation_comes_back_from_curl(operation: Operation) -> None:
    target = replace(
        identity.environments("http://127.0.0.1:1")[0],
        hosts={},
        variables=dict.fromkeys(re.findall(r"{([^}]+)}", operation.url), "1"),
    )
    draft = draft_from_operation(operation)
    request = prepare(draft, target)
    imported = import_curl(export(request, draft, Program.CURL).text)
    assert imported.region is target.region
    again = prepare(strip_added_ids(imported.draft, target), target)
    assert (again.method, again.url) == (request.method, request.url)
    assert sorted(again.headers) == sorted(request.headers)
    assert again.content == request.content
    assert again.operation == request.operation


# And the reverse: what curl itself sends, and what mixtui sends after importing it.

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
def test_curl_itself_sends_what_is_imported(
    rest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("x,y é&\n")
    with serve_response(http_response(b"1")) as server:
        target = environment(server.origin)
        secret = shlex.quote(f"ci.x:{SECRET}")
        command = f"curl -u {secret} {rest}".replace(Q, server.origin + Q)
        imported = import_curl(command, (target,), tmp_path)
        if "--url-query" not in command:  # Newer than the curl of many systems.
            run_export(command, Program.CURL, tmp_path)
        else:
            command = f"curl -u {secret} '{server.origin}{Q}&a=x%20y'"
            run_export(command, Program.CURL, tmp_path)
        asyncio.run(send(prepare(imported.draft, target, origin=DraftOrigin(tmp_path))))
    ours, theirs = map(parse_request, reversed(server.received))
    assert ours == theirs
    assert [c.secret for c in imported.credentials] == [Secret(SECRET)]


@pytest.mark.parametrize("name", ["compressed", "long"])
def test_a_body_that_is_piped_into_curl_comes_back(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE", VARIABLES["TRACE"])
    draft = DRAFTS[name]
    text = export(prepare(draft, environment()), draft, Program.CURL).text
    assert text.startswith("printf")
    assert is_curl(text)
    imported = import_curl(text)
    back = imported.draft.body
    assert back is not None and draft.body is not None
    if name == "long":
        assert back.text == draft.body.text
    else:
        assert back == draft.body
        assert Pair("Content-Encoding", "gzip") in imported.draft.headers
    assert not any(
        word in note for note in imported.notes for word in ("skipped", "removed")
    )
