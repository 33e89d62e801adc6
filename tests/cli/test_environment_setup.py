"""`mixtui env add` without a name asks step by step, on a terminal."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mixtui.client.client import Client
from mixtui.sandbox.data import identity
from mixtui.sandbox.server import RunningSandbox
from tests.as_mixpanel import SandboxAsMixpanel
from tests.cli.conftest import CommandLine
from tests.region_tests import Respond, in_eu, reject

Answer = Callable[..., Any]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Replaces the network of the command line."""

    def use(transport: httpx.AsyncBaseTransport | Respond) -> None:
        if not isinstance(transport, httpx.AsyncBaseTransport):
            transport = httpx.MockTransport(transport)
        monkeypatch.setattr(
            "mixtui.cli.quiet_sender.Client",
            lambda secrets: Client(secrets, transport=transport),
        )

    return use


def answer(mixtui: CommandLine, *lines: str, options: tuple[str, ...] = ()) -> Any:
    stdin = "".join(f"{line}\n" for line in lines).encode()
    return mixtui("env", "add", *options, stdin=stdin, terminal=True)


def environments(mixtui: CommandLine) -> dict[str, Any]:
    text = (mixtui.config / "environments.toml").read_text()
    return tomllib.loads(text)["environments"]


def test_username_and_secret_lead_to_region_project_and_name(
    mixtui: CommandLine, sandbox: RunningSandbox, network: Callable[[Any], None]
) -> None:
    network(SandboxAsMixpanel(sandbox.origin))
    result = answer(mixtui, identity.SERVICE_ACCOUNT, identity.SECRET, "1", "", "")
    assert result.status == 0, result.stderr
    assert "works in us (eu 401, in 401)" in result.stderr
    assert "   1  Sandbox shop (3000001)  us" in result.stderr
    assert "Added the environment sandbox-shop" in result.stderr
    assert "Next: mixtui send GET /query/events/names" in result.stderr
    assert result.text == ""
    assert identity.SECRET not in result.output
    made = environments(mixtui)["sandbox-shop"]
    assert (made["region"], made["project_id"]) == ("us", "3000001")
    assert made["confirm_writes"] is True
    assert identity.SECRET in (mixtui.config / "credentials.toml").read_text()


def test_a_project_is_found_by_a_part_of_its_name(
    mixtui: CommandLine, network: Callable[[Any], None]
) -> None:
    many = {str(n): {"id": n, "name": f"Team {n:03} live"} for n in range(100, 160)}
    network(in_eu(many))
    result = answer(mixtui, "ci", "s3cret", "nothing", "team 13", "3", "mine", "")
    assert result.status == 0, result.stderr
    assert "and 45 more" in result.stderr
    assert "No project matches." in result.stderr
    made = environments(mixtui)["mine"]
    assert made["project_id"] == "132"
    assert made["read_only"] is True, "it is live"


def test_wrong_credentials_are_asked_for_again(
    mixtui: CommandLine, network: Callable[[Any], None]
) -> None:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if len(asked) <= 3:
            return reject(request)
        return in_eu({"8": {"id": 8, "name": "Shop"}})(request)

    network(respond)
    result = answer(mixtui, "ci", "wr0ng", "y", "ci", "s3cret", "", "u")
    assert result.status == 0, result.stderr
    assert "Mixpanel rejected the service account ci" in result.stderr
    assert "confirm_writes" not in environments(mixtui)["shop"]


def test_without_a_test_region_and_project_are_asked_for(
    mixtui: CommandLine, network: Callable[[Any], None]
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        pytest.fail("sent")

    network(refuse)
    mixtui.variables["S"] = "s3cret"
    answers = ("ci", "env:S", "mars", "in", "x", "7", "", "r")
    result = answer(mixtui, *answers, options=("--no-check", "--default"))
    assert result.status == 0, result.stderr
    assert environments(mixtui)["project-7"] == {
        "region": "in",
        "project_id": "7",
        "read_only": True,
        "confirm_writes": True,
        "credentials": {
            "service_account": {"username": "ci", "secret": {"env": "S"}},
        },
    }
    assert not (mixtui.config / "credentials.toml").exists()


def test_a_project_token_is_enough_to_send_events(
    mixtui: CommandLine, network: Callable[[Any], None]
) -> None:
    network(reject)
    result = answer(mixtui, "", "t0ken", "eu", "", "", "")
    assert result.status == 0, result.stderr
    assert "Mixpanel accepts any project token" in result.stderr
    assert environments(mixtui)["mixpanel"]["credentials"] == {"project_token": "t0ken"}


def test_what_the_arguments_have_is_not_asked_for(
    mixtui: CommandLine, network: Callable[[Any], None]
) -> None:
    network(in_eu({"8": {"id": 8, "name": "Shop"}}))
    mixtui.variables["S"] = "s3cret"
    options = ("--service-account", "ci", "--secret", "env:S", "--read-only")
    result = answer(mixtui, "", options=options)
    assert result.status == 0, result.stderr
    assert environments(mixtui)["shop"]["read_only"] is True


def test_the_end_of_the_input_interrupts_and_saves_nothing(
    mixtui: CommandLine,
) -> None:
    result = answer(mixtui, "ci")
    assert result.status == 130
    assert not (mixtui.config / "environments.toml").exists()


def test_without_a_terminal_the_name_is_missing(mixtui: CommandLine) -> None:
    result = mixtui("env", "add")
    assert result.status == 2
    assert "NAME is missing" in result.stderr
