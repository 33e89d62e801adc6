"""Which proxy a request goes through."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mixtui.client.proxies import proxy_of

URL = "https://eu.mixpanel.com/api"


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({}, URL, ""),
        ({"HTTPS_PROXY": "http://p:1"}, URL, "http://p:1"),
        ({"https_proxy": "p:1"}, URL, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, URL, ""),
        ({"ALL_PROXY": "socks5://p:1"}, URL, "socks5://p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, URL, "http://q:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://localhost:8080/a", ""),
        ({"ALL_PROXY": "http://p:1"}, "http://[::1]/a", ""),
    ],
)
def test_the_scheme_chooses_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, expected: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == expected


@pytest.mark.parametrize(
    ("excepted", "url", "is_excepted"),
    [
        ("*", URL, True),
        ("mixpanel.com", URL, True),
        (".mixpanel.com", URL, True),
        ("a.test, EU.mixpanel.com", URL, True),
        ("panel.com", URL, False),
        ("data.mixpanel.com", URL, False),
        ("eu.mixpanel.com:8443", "https://eu.mixpanel.com:8443/", True),
        ("eu.mixpanel.com:8443", URL, False),
        ("10.0.0.1", "http://10.0.0.1:80/", True),
        ("2001:db8::1", "http://[2001:db8::1]:80/", True),
        ("", URL, False),
    ],
)
def test_hosts_in_no_proxy_are_reached_directly(
    monkeypatch: pytest.MonkeyPatch, excepted: str, url: str, is_excepted: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", excepted)
    assert proxy_of(url) == ("" if is_excepted else "http://p:1")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system has settings")
def test_nothing_is_loaded_where_no_variable_names_a_proxy() -> None:
    code = (
        "import sys\n"
        "from mixtui.client.proxies import proxy_of\n"
        f"assert not proxy_of({URL!r})\n"
        "assert 'urllib.request' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], env={}, check=True)
