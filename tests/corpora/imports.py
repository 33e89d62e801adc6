"""curlconverter, OpenAPI and Postman: what is imported of what other programs wrote."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import yaml
from msgspec.structs import replace

from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.files.detect import import_file
from mixtui.interchange.model import ImportedFile, ImportedRequest
from mixtui.interchange.reader import read_text
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Method
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError
from mixtui.model.prepared import FileContent
from mixtui.request.prepare import prepare
from tests.corpora.corpus import Corpus, Refused, Verdict, judge
from tests.fuzz.target import check_sentence

_HOST = re.compile(r"\bhttps?://[\w.-]+(?::\d+)?")
_ORIGIN = "http://localhost:28139"
"""Of most fixtures."""
_COMPUTED = {
    *("host", "user-agent", "accept", "content-length", "connection"),
    *("authorization", "proxy-connection", "accept-encoding", "expect"),
}
"""Headers that a program adds by itself, or that mixtui keeps in an environment."""
_FORM = "application/x-www-form-urlencoded"
_METHODS = frozenset(Method)
_PARTS = ("common", "spec")
"""Folders of what is only a part of a description; a webhook has no operation either."""
_NO_BODY = "does not send a body with"
_REMOVED = re.compile(r"The value of (\S+) was removed")
"""As notes say it."""


class WireRequest(NamedTuple):
    """A request as it is sent; the fixtures have it as text."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: str


def read_wire(text: str) -> WireRequest:
    """Read what curlconverter says that curl sends."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, target, _ = first.split(" ", 2)
    headers = (line.partition(":") for line in lines)
    return _wire(method, target, [(n, v) for n, _, v in headers], body)


def _wire(
    method: str, target: str, headers: Sequence[tuple[str, str]], body: str
) -> WireRequest:
    kept = {n.lower(): v.strip() for n, v in headers if n.lower() not in _COMPUTED}
    return WireRequest(str(method), target, kept, body.strip("\n"))


def check_same(sent: WireRequest, curl: WireRequest, notes: str) -> None:
    """Check that a request is sent as curl sends it, or that the notes say what is not.

    A form is the same if its fields are.
    """
    assert (sent.method, sent.target) == (curl.method, curl.target), (sent, curl)
    for name in {**sent.headers, **curl.headers}:
        if sent.headers.get(name) != curl.headers.get(name):
            assert name.replace("-", " ") in notes.lower().replace("-", " ") or (
                name == "content-type" and _NO_BODY in notes
            ), (name, sent, curl, notes)
    expected = "" if _NO_BODY in notes else curl.body
    for name in _REMOVED.findall(notes):
        value = rf'(\b{re.escape(name)}(?:=|"\s*:\s*"))[^&"]*'
        expected = re.sub(value, r"\1", expected)
    if _FORM in (sent.headers.get("content-type"), curl.headers.get("content-type")):
        fields = [parse_qsl(body, True) for body in (sent.body, expected)]
        assert fields[0] == fields[1] or sent.body == expected, (sent, curl)
    else:
        assert sent.body == expected, (sent, curl, notes)


def _sent(imported: ImportedRequest, environment: Environment) -> WireRequest:
    options = replace(imported.draft.options, auth=AuthChoice.NONE)
    request = prepare(replace(imported.draft, options=options), environment)
    url = _HOST.sub("", request.url, count=1).partition("#")[0]
    content = request.content
    if isinstance(content, FileContent):
        body = "@" + os.path.relpath(content.path)
    else:
        body = (content or b"").decode("utf-8", "replace")
    return _wire(request.method, url or "/", list(request.headers), body)


def import_command(path: Path, fixture: Path) -> None:
    """Import a curl command, and compare what is sent with what curl sends."""
    text = path.read_text("utf-8")
    environments = [
        Environment(f"e{number}", hosts={Api.INGESTION: origin})
        for number, origin in enumerate(dict.fromkeys([_ORIGIN, *_HOST.findall(text)]))
    ]
    imported = import_curl(text, environments)
    for note in imported.notes:
        check_sentence(note)
    environment = next(
        (each for each in environments if each.name == imported.environment),
        Environment("none"),
    )
    try:
        sent = _sent(imported, environment)
    except DraftError as error:
        check_sentence(str(error))
        return
    if fixture.exists():
        expected = read_wire(fixture.read_text("utf-8"))
        check_same(sent, expected, " ".join(imported.notes))


def _commands(folder: Path) -> Iterator[Verdict]:
    fixtures = folder / "test" / "fixtures"
    with working_folder(folder):
        for path in sorted((fixtures / "curl_commands").glob("*.sh")):
            fixture = fixtures / "http" / f"{path.stem}.txt"
            yield judge(path.name, partial(import_command, path, fixture))


@contextmanager
def working_folder(folder: Path) -> Iterator[None]:
    """Read relative paths as the tests of a corpus do."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def import_description(path: Path) -> None:
    """Import an OpenAPI file; each of its operations must come, and be fit to be sent."""
    text = read_text(path, path.name)
    document = yaml.safe_load(text)
    operations = {
        (method.upper(), place)
        for place, item in (document.get("paths") or {}).items()
        for method in item
        if method.upper() in _METHODS
    }
    if document.get("openapi") and not document.get("servers"):
        text = _with_server(text)
    if not operations:
        raise Refused("it has no operation")
    imported = _imported(text, path.name)
    methods = [each.imported.draft.method for each in imported.requests]
    assert sorted(methods) == sorted(method for method, _ in operations), operations


def _with_server(text: str) -> str:
    """Say where an API is whose description leaves that open, as many examples do."""
    if text.lstrip().startswith("{"):
        return text.replace("{", f'{{"servers": [{{"url": "{_ORIGIN}"}}],', 1)
    return f"{text}\nservers:\n  - url: {_ORIGIN}\n"


def import_collection(path: Path) -> None:
    """Import a Postman collection; each of its requests must come, or a note say why not."""
    text = read_text(path, path.name)
    items = list(_items(json.loads(text)))
    imported = _imported(text, path.name)
    assert imported.is_partial or len(imported.requests) == len(items), items
    methods = iter([item.get("method", "GET") for item in items])
    for request in imported.requests:
        assert request.imported.draft.method in methods, request


def _items(node: Any) -> Iterator[Any]:
    for item in node.get("item", ()):
        if isinstance(request := item.get("request", ()), dict):
            yield request
        elif request:
            yield {}  # A URL alone.
        yield from _items(item)


def _imported(text: str, name: str) -> ImportedFile:
    """Import a file whose hosts an environment has."""
    hosts = dict.fromkeys([_ORIGIN, *_HOST.findall(text)])
    environments = [
        Environment(f"e{number}", hosts={Api.INGESTION: origin})
        for number, origin in enumerate(hosts)
    ]
    imported = import_file(text, name, environments)
    for note in imported.all_notes():
        check_sentence(note)
    return imported


def _documents(
    read: Callable[[Path], None], suffixes: Sequence[str], folder: Path
) -> Iterator[Verdict]:
    for path in sorted((folder / "examples").rglob("*")):
        if path.suffix in suffixes:
            name = path.relative_to(folder / "examples").as_posix()
            is_part = path.parent.name in _PARTS or path.stem == "webhook-example"
            must_read = None if is_part else not name.startswith("v2.0/")
            yield judge(name, partial(read, path), must_read)


CURL = Corpus(
    "curlconverter/curlconverter", ("test/fixtures",), {"curl commands": _commands}
)
OPENAPI = Corpus(
    "OAI/learn.openapis.org",
    ("examples",),
    {"OpenAPI": partial(_documents, import_description, (".json", ".yaml"))},
)
POSTMAN = Corpus(
    "postmanlabs/postman-collection",
    ("examples",),
    {"Postman": partial(_documents, import_collection, (".json",))},
)
