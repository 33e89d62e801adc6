"""A machine with a secret in every source, and servers that repeat what they are sent."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import keyring
import pytest

from tests.cli.conftest import CommandLine
from tests.cli.server import Server, http_response, serve
from tests.encodings import FORMS
from tests.secrets.searcher import MARK, find, find_in_files, report, secret

APIS = ("ingestion", "query", "lexicon", "export", "pipelines", "connectors", "app")
ACCOUNTS = ("variable", "command", "file", "stored", "keyring")
"""The environments with a service account, by the source of its secret."""
ENVIRONMENTS = (*ACCOUNTS, "project-secret", "oauth-token")

ALLOWED: Mapping[str, str] = {
    "config/mixtui/credentials.toml": "where typed secrets are stored, with mode 0600",
    "config/mixtui/environments.toml": "its owner wrote a value into [variables]",
    "out/*": "the response that -o was asked for, unchanged",
    "work/read-report.json": "the response that Save body was asked for, unchanged",
}
"""The only files that may hold a secret, and why."""

REQUEST = """
name = "Echo"
method = "POST"
api = "ingestion"
url = "/import/echo"
[[input]]
name = "pin"
secret = true
[[query]]
name = "q"
value = "{{env:PLANTED}}"
[[query]]
name = "note"
value = "{{api_key}}"
[[query]]
name = "more"
value = "{{pin}}"
[[headers]]
name = "X-Api-Key"
value = "{{api_key}}"
[[headers]]
name = "X-Pin"
value = "{{pin}}"
[body]
type = "json"
text = '[{"event": "e", "properties": {"a": "{{env:PLANTED}}", "b": "{{pin}}"}}]'
"""
READ = """
name = "Read {name}"
method = "GET"
api = "query"
url = "/query/{name}"
[[query]]
name = "note"
value = "{{{{env:PLANTED}}}}"
"""


@dataclass
class World:
    """The folders, variables and servers."""

    root: Path
    mixtui: CommandLine
    server: Server
    """The host of every environment."""
    stranger: Server
    """Where redirects lead."""
    proxy: Server
    """Between this machine and all others; its user name and password are planted."""
    vault: Path
    """Files of secrets: what is outside of the searched folders."""
    children: list[object] = field(default_factory=list)
    """Arguments of the programs that were run."""

    def assert_clean(self) -> None:
        """Fail if a secret is in a file or in the arguments of a program."""
        found = find_in_files(self.root, ALLOWED)
        if hits := find("\n".join(map(str, self.children))):
            found["arguments of programs"] = hits
        assert not found, report(found)
        assert not self.stranger.received, "another host was contacted"
        for request in self.proxy.received:
            assert {*secrets_in(request).values()} <= {"proxy-authorization"}


@contextmanager
def planted_world(
    mixtui: CommandLine, root: Path, vault: Path, patch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Plant a secret in every source.

    Args:
        mixtui: Has its folders below the root.
        root: What is searched afterwards.
        vault: An empty folder elsewhere.
        patch: Changes the variables of this process, which programs inherit.
    """
    temporary = root / "tmp"
    temporary.mkdir()
    (root / "out").mkdir()
    patch.setattr(tempfile, "tempdir", str(temporary))
    variables = {
        "PLANTED": secret("process"),
        "ACCOUNT_SECRET": secret("variable"),
        "AWS_SECRET_ACCESS_KEY": secret("aws"),
        "MP_SECRET": secret("mp-secret"),
    }
    for name, value in variables.items():
        patch.setenv(name, value)
    mixtui.variables |= variables
    patch.setattr(keyring, "get_password", lambda *_: secret("keyring"))
    (vault / "file").write_text(secret("file"))
    (vault / "command").write_text(secret("command"))
    with ExitStack() as stack:
        stranger = stack.enter_context(serve(lambda _: http_response(b"{}")))
        server = stack.enter_context(serve(Echo(stranger.origin)))
        proxy = stack.enter_context(serve(lambda _: http_response(b"", "403 No")))
        for name in ("HTTPS_PROXY", "https_proxy"):
            url = (
                f"http://{secret('proxy-user')}:{secret('proxy-pw')}@{proxy.origin[7:]}"
            )
            patch.setenv(name, url)
            mixtui.variables[name] = url
        _write_files(mixtui, server.origin, vault)
        world = World(root, mixtui, server, stranger, proxy, vault)
        patch.setattr(subprocess, "Popen", _recorded(world.children))
        yield world


def _recorded(children: list[object]) -> type[subprocess.Popen[Any]]:
    class Recorded(subprocess.Popen[Any]):
        def __init__(self, args: Any, *more: Any, **options: Any) -> None:
            children.append(args)
            super().__init__(args, *more, **options)

    return Recorded


def _write_files(mixtui: CommandLine, origin: str, vault: Path) -> None:
    sources = {
        "variable": '{ env = "ACCOUNT_SECRET" }',
        "command": f'{{ command = "cat {vault}/command" }}',
        "file": f'{{ file = "{vault}/file" }}',
        "keyring": '{ keyring = "mixtui/planted" }',
    }
    hosts = "\n".join(f'hosts.{api} = "{origin}"' for api in APIS)
    text = 'default = "variable"\n'
    for name in ENVIRONMENTS:
        text += f'[environments.{name}]\nproject_id = "1234567"\n{hosts}\n'
        text += f'variables.api_key = "{secret("template")}"\n'
        text += 'credentials.project_token = "tok"\n'
        if name in ACCOUNTS:
            source = f", secret = {sources[name]}" if name in sources else ""
            text += f'credentials.service_account = {{ username = "ci"{source} }}\n'
    mixtui.write_environments(text)
    credentials = mixtui.config / "credentials.toml"
    credentials.write_text(
        f'[stored]\nservice_account = "{secret("stored")}"\n'
        f'[project-secret]\nproject_secret = "{secret("project-secret")}"\n'
        f'[oauth-token]\noauth_token = "{secret("oauth-token")}"\n'
    )
    credentials.chmod(0o600)
    mixtui.config.chmod(0o700)
    mixtui.write_request("echo", REQUEST)
    for name in ("echo", "report", "refuse", "redirect", "moved", "gone", "garbage"):
        mixtui.write_request(f"read-{name}", READ.format(name=name))
    from mixtui.storage.trust import TrustStore

    TrustStore().mark_made_here(mixtui.folder)


class Echo:
    """Answers with every secret that a request holds, in every place and some forms.

    In all forms, each response would take long to mask; `tests/cli/test_masking.py` has them.
    """

    def __init__(self, stranger: str) -> None:
        self._stranger = stranger
        self._turn = count()
        self.is_silent = False
        """Whether nothing is repeated."""

    def __call__(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1].decode().partition("?")[0]
        secrets = [] if self.is_silent else sorted(secrets_in(request))
        forms = list(FORMS.values())[next(self._turn) % 5 :: 5]
        written = [encode(each) for each in secrets for encode in forms]
        lines = [each.replace("\r", "").replace("\n", "") for each in written]
        echoes = [f"X-Echo-{index}: {line}" for index, line in enumerate(lines)]
        echoes += [f"Set-Cookie: sid={line}; Domain=example.com" for line in lines[:2]]
        rows = [
            {"name": f"row {index}", "value": each, each: index}
            for index, each in enumerate((*secrets, *written))
        ]
        told = f"no: {' '.join(lines[:3])}"
        body = json.dumps({"results": rows, "status": "ok", "note": told}).encode()
        refused = json.dumps({"error": told, "results": rows}).encode()
        match path.rpartition("/")[2]:
            case "refuse":
                return http_response(
                    refused, f"400 Bad {lines[0] if lines else ''}", *echoes
                )
            case "redirect":
                leak = lines[0] if lines else ""
                return http_response(
                    body,
                    "302 Found",
                    f"Location: {self._stranger}/{leak}?k={leak}",
                    *echoes,
                )
            case "moved":
                return http_response(b"", "307 Moved", "Location: /api/query/echo")
            case "gone":
                return b""
            case "garbage":
                return (
                    f"HTTP/1.1 200 OK\r\n{lines[0] if lines else 'x'}\r\n\r\n".encode()
                )
            case "report":
                report = {"data": _REPORT, "legend_size": 2, "echo": rows}
                return http_response(json.dumps(report).encode(), "200 OK", *echoes)
            case "me":
                return http_response(b'{"status": "ok", "results": {"projects": {}}}')
            case _:
                return http_response(body, "200 OK", *echoes)


_REPORT = {
    "series": ["2026-11-16", "2026-11-17", "2026-11-18"],
    "values": {
        "Sign up": {"2026-11-16": 9, "2026-11-17": 7, "2026-11-18": 3},
        "Purchase": {"2026-11-16": 2, "2026-11-17": 5, "2026-11-18": 1},
    },
}
_SECRET = re.compile(rf"{MARK}-[a-z0-9-]+?-zx9")


def secrets_in(request: bytes) -> dict[str, str]:
    """Return the secrets that a request holds, and the place of each."""
    found = {}
    head, _, body = request.partition(b"\r\n\r\n")
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        place = name.lower() if not line.endswith("HTTP/1.1") else "URL"
        if value.strip().lower().startswith("basic "):
            value = base64.b64decode(value.split()[1]).decode()
        found |= dict.fromkeys(_SECRET.findall(f"{value}{line}"), place)
    found |= dict.fromkeys(_SECRET.findall(body.decode("latin-1")), "body")
    return found
