"""A credential reaches its own host, in its own header, and no other."""

from __future__ import annotations

import pytest

from tests.secrets.searcher import find, secret
from tests.secrets.world import ENVIRONMENTS, World, secrets_in

AUTH = {"project-secret": "project_secret", "oauth-token": "oauth"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_each_credential_is_sent_once_in_its_header(name: str, world: World) -> None:
    auth = AUTH.get(name, "service_account")
    for _ in range(2):
        sent = world.mixtui(
            "send", "Read echo", "--env", name, "--auth", auth, "--json"
        )
        assert sent.status == 0, sent.stderr
    for request in world.server.received:
        assert secrets_in(request) == {
            secret(name): "authorization",
            secret("process"): "URL",
        }
        # The first response has set one, for another host and for this one.
        assert b"\r\ncookie:" not in request.lower()
    world.assert_clean()


def test_another_host_is_not_asked_after_a_redirect(world: World) -> None:
    assert world.mixtui("send", "Read redirect", "--json").status == 1
    assert len(world.server.received) == 1
    world.assert_clean()


def test_a_proxy_gets_its_own_credentials_and_no_others(world: World) -> None:
    file = world.mixtui.config / "environments.toml"
    file.write_text(
        file.read_text()
        + '[environments.far]\nproject_id = "1"\n'
        + 'credentials.service_account = { username = "ci", secret = { env = "ACCOUNT_SECRET" } }\n'
    )
    done = world.mixtui("send", "Read echo", "--env", "far", "--json")
    assert done.status == 5, done.output
    (request,) = world.proxy.received
    assert request.startswith(b"CONNECT mixpanel.com:443 ")
    assert {*secrets_in(request).values()} == {"proxy-authorization"}
    assert not find(done.output)
    world.assert_clean()
