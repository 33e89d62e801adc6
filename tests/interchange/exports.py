"""Requests to export, and how a server receives them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mixtui.client.client import Client
from mixtui.interchange.export import Program
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Draft, Method, Options, Pair
from mixtui.model.environment import Credentials, Environment, ServiceAccount
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import FromFile, FromVariable, SecretReader

SECRET = "s3cret $x'\"\\!`é"
VARIABLES = {
    "MP_SECRET": SECRET,
    "TRACE": "t r/a&c+e",
    "MIXPANEL_PROJECT_SECRET": "pr0ject s3cret",
    "MIXPANEL_OAUTH_TOKEN": "oauth-token",
}
SPECIAL_CHARACTERS = (
    'it\'s "$HOME" `id` $(id) !! \\ \\n é 😀 %20 %% *?[a]{b,c}~ #x ;|&<>'
)
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
class ReceivedRequest:
    """A request as a server saw it."""

    method: str
    target: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes


NOT_COMPARED = ("host", "user-agent", "accept-encoding", "connection", "content-length")


def parse_request(raw: bytes) -> ReceivedRequest:
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
    return ReceivedRequest(
        method,
        path,
        tuple(parse_qsl(query, keep_blank_values=True)),
        tuple(h for h in headers if h[0] not in NOT_COMPARED),
        body,
    )


def run_export(text: str, program: Program, variables: Mapping[str, str]) -> str:
    command = [sys.executable, "-"] if program is Program.PYTHON else ["bash", "-s"]
    inherited = {
        k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")
    }
    completed = subprocess.run(
        command,
        input=text.encode(),
        env={
            **inherited,
            **variables,
            "NO_PROXY": "127.0.0.1",
            "HISTFILE": "/dev/null",
        },
        capture_output=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr.decode()
    return completed.stdout.decode()


DRAFTS = {
    "query": Draft(
        url="/query/events",
        query=(Pair("event", f'["{SPECIAL_CHARACTERS}"]'), Pair("limit", "10")),
        headers=(Pair("X-Odd", 'it\'s "$HOME" `id` !! \\t ;=@'), Pair("X-Empty", "")),
    ),
    "variables in templates": Draft(
        url="/query/events",
        query=(Pair("trace", "{{env:TRACE}}"),),
        headers=(Pair("X-Trace", "a {{env:TRACE}}b"), Pair("X-Begin", "=@")),
    ),
    "without a content type": Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        body=Body(BodyType.JSON, '[{"event": "a"}]'),
        options=Options(leave_out=("Content-Type",)),
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
        body=Body(
            BodyType.FORM,
            f'script="""\nfunction main() {{}}\n"""\nx={SPECIAL_CHARACTERS}',
        ),
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


async def send(request: PreparedRequest) -> None:
    client = Client(READER)
    await client.send(request)
    await client.close()
