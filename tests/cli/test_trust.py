"""`mixtui trust`: an untrusted collection cannot use anything on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.trust import TrustStore
from tests.cli.conftest import CommandLine
from tests.cli.server import http_response, serve_response

KEY = "AKIA-of-the-process"


def collection(host: str, secret_file: Path) -> dict[str, str]:
    """Return the files of a collection that tries to use everything."""
    return {
        "mixtui": f"""
default = "theirs"
[environments.theirs]
project_id = "1"
[environments.theirs.credentials]
project_token = "theirs"
[environments.theirs.hosts]
ingestion = "{host}"
""",
        "variable": """
name = "Variable"
method = "POST"
api = "ingestion"
url = "/track"
[body]
type = "json"
text = '[{"event": "e", "properties": {"k": "{{env:AWS_SECRET_ACCESS_KEY}}"}}]'
""",
        "file": f"""
name = "File"
method = "POST"
api = "ingestion"
url = "/track"
[body]
type = "file"
path = "{secret_file}"
""",
        "plain": """
name = "Plain"
method = "POST"
api = "ingestion"
url = "/track"
[body]
type = "json"
text = '[{"event": "e", "properties": {}}]'
""",
    }


@pytest.mark.parametrize(
    ("options", "power"),
    [
        (
            ("Variable", "--env", "theirs"),
            "reads the environment variable AWS_SECRET_ACCESS_KEY",
        ),
        (("File", "--env", "theirs"), "sends the file {file}"),
        (("Plain", "--env", "theirs"), "sends requests to {host}"),
        (
            ("Variable", "--env", "mine"),
            "reads the environment variable AWS_SECRET_ACCESS_KEY",
        ),
        (("--file", "variable.toml", "--env", "mine"), "AWS_SECRET_ACCESS_KEY"),
        (("GET", "/x", "--api", "ingestion", "--env", "theirs"), "sends requests to"),
    ],
)
def test_nothing_leaves_before_the_folder_is_trusted(
    options: tuple[str, ...], power: str, mixtui: CommandLine, tmp_path: Path
) -> None:
    key = tmp_path / "id_rsa"
    key.write_text("private")
    mixtui.variables["AWS_SECRET_ACCESS_KEY"] = KEY
    with serve_response(http_response(b"1")) as server:
        for name, text in collection(server.origin, key).items():
            mixtui.write_request(name, text)
        mixtui.write_environments(
            f'[environments.mine]\nhosts.ingestion = "{server.origin}"\n'
            'credentials.project_token = "mine"\n'
        )
        refused = mixtui("send", *options, "--yes")
        assert refused.status != 0
        assert not server.received
        assert power.format(file=key, host=server.origin) in refused.stderr
        assert f"mixtui trust {mixtui.folder}" in refused.stderr
        assert KEY not in refused.output

        listed = mixtui("trust", ".", "--list")
        assert "reads the environment variable AWS_SECRET_ACCESS_KEY" in listed.text
        assert f"sends the file {key}" in listed.text
        assert f"sends requests to {server.origin}" in listed.text
        assert mixtui("send", *options, "--yes").status != 0
        assert not server.received

        assert mixtui("trust", ".").status == 0
        assert str(mixtui.folder) in mixtui("trust").text
        sent = mixtui("send", *options, "--yes")
        assert sent.status == 0, sent.stderr
        assert len(server.received) == 1

        mixtui.write_request(
            "plain", collection("", key)["variable"].replace("AWS", "GCP")
        )
        grown = mixtui("send", "--file", "plain.toml", *options[-2:], "--yes")
        assert "reads the environment variable GCP_SECRET_ACCESS_KEY" in grown.stderr
        assert len(server.received) == 1

        assert "no longer trusted" in mixtui("trust", ".", "--remove").stderr
        assert mixtui("send", *options, "--yes").status != 0


@pytest.mark.parametrize("trusted", [".", "inner", None])
@pytest.mark.parametrize(
    "source",
    [
        ("inner/deep/variable",),
        ("--file", "inner/deep/variable.toml"),
        ("--file", "inner/../inner/deep/variable.toml"),
        ("--file", "deep/../variable.toml"),
        ("--file", "inner/../../own/inner/deep/variable.toml"),
    ],
)
def test_a_request_is_trusted_with_the_nearest_collection(
    source: tuple[str, ...],
    trusted: str | None,
    mixtui: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixtui.variables["AWS_SECRET_ACCESS_KEY"] = KEY
    own = mixtui.folder / "own"
    inner = own / "inner"
    (inner / "deep").mkdir(parents=True)
    (inner / "mixtui.toml").touch()
    (own / "mixtui.toml").touch()
    # The folder above what a link leads to is not the one that the link is in.
    (own / "deep").symlink_to(inner / "deep")
    request = collection("", Path("x"))["variable"]
    (inner / "deep" / "variable.toml").write_text(request)
    (inner / "variable.toml").write_text(request)
    (own / "variable.toml").write_text(request)
    TrustStore().mark_made_here(own)
    monkeypatch.chdir(own)
    with serve_response(http_response(b"1")) as server:
        mixtui.write_environments(
            f'[environments.mine]\nhosts.ingestion = "{server.origin}"\n'
            'credentials.project_token = "mine"\n'
        )
        if trusted is not None:
            mixtui("trust", trusted)
        sent = mixtui("send", *source, "--yes")
    is_allowed = trusted == "inner"
    assert len(server.received) == is_allowed, sent.stderr
    assert (f"mixtui trust {inner}\n" in sent.stderr) != is_allowed


@pytest.mark.parametrize("online", [(), ("--online",)])
@pytest.mark.parametrize("name", [(), ("theirs",)])
def test_a_check_runs_no_command_of_an_untrusted_collection(
    name: tuple[str, ...], online: tuple[str, ...], mixtui: CommandLine
) -> None:
    ran = mixtui.folder / "ran"
    (mixtui.folder / "mixtui.toml").write_text(f"""
[environments.theirs]
project_id = "1"
credentials.project_secret = {{ command = "touch '{ran}'; echo hush" }}
""")
    refused = mixtui("env", "check", *name, *online)
    assert "theirs · trust · problem · The collection" in refused.text
    assert refused.status != 0
    assert not ran.exists()
    mixtui("trust", ".")
    assert mixtui("env", "check", *name).status == 0
    assert ran.exists()


def test_a_collection_without_powers_never_asks(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"1")) as server:
        mixtui.write_request("plain", collection("", Path("x"))["plain"])
        mixtui.write_environments(
            f'[environments.mine]\nhosts.ingestion = "{server.origin}"\n'
            'credentials.project_token = "mine"\n'
        )
        sent = mixtui("send", "Plain", "--yes")
        assert (sent.status, len(server.received)) == (0, 1)
        assert "trust" not in sent.stderr
        assert "needs nothing" in mixtui("trust", ".").stderr


def test_what_is_typed_as_an_option_is_the_persons_own(
    mixtui: CommandLine, tmp_path: Path
) -> None:
    outside = tmp_path / "events.json"
    outside.write_text('[{"event": "e", "properties": {}}]')
    mixtui.variables["TRACE"] = "abc"
    with serve_response(http_response(b"1")) as server:
        mixtui.write_request("plain", collection("", Path("x"))["plain"])
        mixtui.write_environments(
            f'[environments.mine]\nhosts.ingestion = "{server.origin}"\n'
            'credentials.project_token = "mine"\n'
        )
        header = ("-H", "X-Trace: {{env:TRACE}}")
        body = ("--body-type", "file", "-d", f"@{outside}")
        sent = mixtui("send", "Plain", "--yes", *header, *body)
        assert sent.status == 0, sent.stderr
        assert b"X-Trace: abc\r\n" in server.received[0]


def test_the_environment_is_not_chosen_by_an_untrusted_collection(
    mixtui: CommandLine,
) -> None:
    with serve_response(http_response(b"1")) as server:
        for name, text in collection(server.origin, Path("x")).items():
            mixtui.write_request(name, text)
        refused = mixtui("send", "Plain", "--yes")
        assert "does not select the environment" in refused.stderr
        assert not server.received
        mixtui("trust", ".")
        assert mixtui("send", "Plain", "--yes").status == 0
        assert len(server.received) == 1


def test_a_variable_that_is_typed_is_not_trusted_in_an_untrusted_collection(
    mixtui: CommandLine,
) -> None:
    mixtui.variables["AWS_SECRET_ACCESS_KEY"] = KEY
    typed = ("-H", "X-Trace: {{env:AWS_SECRET_ACCESS_KEY}}", "--yes")
    with serve_response(http_response(b"1")) as server:
        for name, text in collection("", Path("x")).items():
            if name != "mixtui":
                mixtui.write_request(name, text)
        mixtui.write_environments(
            f'[environments.mine]\nhosts.ingestion = "{server.origin}"\n'
            'credentials.project_token = "mine"\n'
        )
        refused = mixtui("send", "Variable", *typed)
        assert "reads the environment variable AWS_SECRET_ACCESS_KEY" in refused.stderr
        assert not server.received
        replaced = ("-d", '[{"event": "e", "properties": {}}]')
        assert mixtui("send", "Variable", *typed, *replaced).status == 0
        assert len(server.received) == 1
