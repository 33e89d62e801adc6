"""The report contains no secret, identifier, user name or home folder."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from mixtui.cli.doctor.mask import Mask, mask_url
from mixtui.storage.crash_report import write_crash_report
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine
from tests.cli.doctor.rows import hosts, report
from tests.cli.server import http_response, serve_response
from tests.secrets.searcher import MARK, find, secret


def plant(mixtui: CommandLine, origin: str) -> None:
    """Put secrets wherever mixtui reads anything."""
    mixtui.variables |= {
        "MP_SECRET": secret("variable"),
        "MP_USERNAME": secret("username"),
        "MIXPANEL_TOKEN": secret("token-variable"),
        "AWS_SECRET_ACCESS_KEY": secret("aws"),
        "HTTPS_PROXY": f"http://{secret('user')}:{secret('pw')}@proxy.example.com:1",
        "http_proxy": f"{secret('user')}:{secret('p@w')}@proxy.example.com:1/{MARK}",
        "SSH_CONNECTION": secret("ssh"),
        "TMUX": secret("tmux"),
        "SSL_CERT_FILE": f"/home/alice/{secret('aws')}.pem",
    }
    config = mixtui.config
    (config / "config.toml").write_text(
        f'theme = "{secret("theme")}"\nmouse = "{MARK}"\n'
    )
    mixtui.write_environments(f"""
[environments.a]
region = "eu"
project_id = "{secret("project")}"
[environments.a.credentials]
project_token = "{secret("token")}"
service_account = {{ username = "{secret("account")}", secret = {{ env = "MP_SECRET" }} }}
project_secret = {{ command = "echo {secret("command")}; exit 1" }}
oauth_token = {{ file = "/nowhere/{secret("file")}" }}
[environments.a.variables]
key = "{secret("in-variables")}"
{hosts("a", f"{origin}/{MARK}")}
[environments.b]
region = "{secret("region")}"
[environments.c.credentials]
project_secret = "{secret("written-in-the-wrong-place")}"
[environments.d.credentials]
project_secret = {{ command = "echo {secret("printed")}" }}
oauth_token = {{ keyring = "{secret("service")}/{secret("entry")}" }}
service_account = {{ username = "{secret("stored-user")}" }}
[environments.d.tls]
ca_file = "/nowhere/{secret("command")}.pem"
""")
    credentials = config / "credentials.toml"
    credentials.write_text(f'[d]\nservice_account = "{secret("stored")}"\n')
    credentials.chmod(0o600)
    themes = config / "themes"
    themes.mkdir()
    (themes / "own.toml").write_text(f'primary = "{secret("color")}"\n')
    (themes / "broken.toml").write_text(
        f'a = {{ "{secret("key")}" = 1, "{secret("key")}" = 2 }}'
    )
    mixtui.write_request("broken", f'method = "{secret("method")}"\n')
    mixtui.write_request("text", f'name = "x\n{secret("unclosed")}')
    try:
        raise ValueError(secret("exception"))
    except ValueError as error:
        from datetime import datetime

        write_crash_report(error, state_dir(), datetime(2026, 1, 1))


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_planted_secret_is_in_the_report(
    mixtui: CommandLine, options: tuple[str, ...]
) -> None:
    with serve_response(http_response(b"", "200 OK", f"X-Echo: {MARK}")) as server:
        plant(mixtui, server.origin)
        result = mixtui("doctor", "--read-secrets", "--reach", "--env", "a", *options)
        every = mixtui("doctor", "--read-secrets", *options)
        assert server.received, result.output
    for output in (result.output, every.output):
        assert "AWS" not in output
        assert not find(output)
        assert "alice" not in output.replace("/home/alice", "")


@pytest.mark.parametrize(
    "content",
    [
        f'[d]\nservice_account = "{secret("unclosed")}',
        f"[d]\nservice_account = {secret('bare')}\n",
        f'[d]\n"{secret("key")}" = 1\n"{secret("key")}" = 2\n',
        f'd = "{secret("not-a-table")}"\n',
    ],
)
def test_a_broken_credentials_file_shows_nothing_of_it(
    mixtui: CommandLine, content: str
) -> None:
    path = mixtui.config / "credentials.toml"
    path.write_text(content)
    path.chmod(0o600)
    result = mixtui("doctor")
    assert not find(result.output)


def test_the_home_folder_and_the_name_of_the_user_are_masked(
    mixtui: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home" / "alice.smith"
    monkeypatch.setenv("HOME", str(home))
    mixtui.variables |= {"HOME": str(home), "USER": "alice.smith"}
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.delenv(f"XDG_{name}_HOME")
    result = mixtui("doctor")
    assert "~/.config/mixtui" in result.text
    assert "alice.smith" not in result.output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/alice/x", "~/x"),
        ("/home/alice", "~"),
        ("/home/alice2/x", "/home/alice2/x"),
        ("/mnt/nfs/alice/x", "/mnt/nfs/USER/x"),
        ("alice@example.com", "USER@example.com"),
        ("malice with care", "malice with care"),
        ("http://a:b@c@host/", "http://••••••@host/"),
        (f"key={secret('aws')};", "key=••••••;"),
        (f"url={quote(secret('aws!'))}", "url=••••••"),
        ("PWD is /srv/data", "PWD is /srv/data"),
    ],
)
def test_texts_are_masked(
    text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    variables = {
        "HOME": "/home/alice",
        "USER": "alice",
        "AWS_SECRET_ACCESS_KEY": secret("aws"),
        "OTHER_SECRET": secret("aws!"),
        "PWD": "/srv/data",
        "TOKEN": "is",
    }
    assert Mask((), variables)(text) == expected


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://u:p@proxy.corp.example:3128", "http://••••••@••••••:3128"),
        ("u:p@proxy.corp.example:3128", "••••••@••••••:3128"),
        ("http://u:p@localhost:3128", "http://••••••@localhost:3128"),
        ("http://proxy.corp.example:3128", "http://proxy.corp.example:3128"),
    ],
)
def test_the_host_of_a_proxy_is_masked_if_it_asks_for_a_password(
    mixtui: CommandLine, proxy: str, shown: str
) -> None:
    mixtui.variables["https_proxy"] = proxy
    assert report(mixtui).one("network", "https_proxy")["text"] == shown
    sentence = "Proxy proxy.corp.example:3128 refused the connection."
    masked = Mask((), mixtui.variables)(sentence)
    assert ("corp" in masked) == ("corp" in shown or "corp" not in proxy)


@pytest.mark.skipif(os.name != "posix", reason="the user database")
def test_the_home_folder_of_the_system_is_masked_without_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pwd

    home = pwd.getpwuid(os.getuid()).pw_dir
    monkeypatch.delenv("HOME")
    assert Mask((), {})(f"{home}/x") == "~/x"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("http://u:p@proxy:3128/path?k=v#f", "http://••••••@proxy:3128"),
        ("u:p@proxy:3128", "••••••@proxy:3128"),
        ("socks5://u@[::1]:1080", "socks5://••••••@[::1]:1080"),
        ("http://u:p@[broken", "••••••"),
    ],
)
def test_urls_are_shown_without_user_path_and_query(url: str, expected: str) -> None:
    assert mask_url(url) == expected
