"""Requests to export, and how a server receives them."""

from __future__ import annotations

import gzip
import os
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from urllib.parse import parse_qsl

from mixtui.client.client import Client
from mixtui.interchange.export.programs import Program
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


def run_export(text: str, program: Program, folder: Path) -> str:
    """Run an export as a person would, and return what it prints.

    bash and curl are real. HTTPie and Python run here, which saves their start: HTTPie
    with the arguments and the input that bash gives it.
    """
    if program is Program.PYTHON:
        with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()):
            exec(compile(text.encode(), "script", "exec"), {"__name__": "__main__"})
        return printed.getvalue()
    script = folder / "script"
    script.write_text(_HTTPIE_FUNCTION + text if program is Program.HTTPIE else text)
    completed = subprocess.run(
        ["bash", str(script)],
        stdin=subprocess.DEVNULL,
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr.decode()
    if program is Program.HTTPIE:
        return _run_httpie(folder)
    return completed.stdout.decode()


_HTTPIE_FUNCTION = """\
http() {
    printf '%s\\0' "$@" >arguments
    cat >input
}
"""


def _run_httpie(folder: Path) -> str:
    from httpie.context import Environment as HttpieEnvironment
    from httpie.core import main

    # Otherwise each run asks the internet for a newer version, in a process of its own.
    (folder / "config.json").write_text('{"disable_update_warnings": true}')
    arguments = (folder / "arguments").read_bytes().split(b"\0")[:-1]
    with TextIOWrapper(BytesIO()) as stdout, StringIO() as stderr:
        environment = HttpieEnvironment(
            config_dir=folder,
            stdin=BytesIO((folder / "input").read_bytes()),
            stdin_isatty=False,
            stdout=stdout,
            stdout_isatty=False,
            stderr=stderr,
            stderr_isatty=False,
        )
        status = main(["http", *map(os.fsdecode, arguments)], environment)
        assert status == 0, stderr.getvalue()
        stdout.flush()
        return stdout.buffer.getvalue().decode()


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
