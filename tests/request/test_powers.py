"""What a draft reaches beyond the files of its collection, and that it must be allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.environment import Environment
from mixtui.model.trust import DraftOrigin, Power, PowerKind, Trust, TrustError
from mixtui.request.powers import draft_powers
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values

HOME = "{{env:HOME}}"
POST = Draft(method=Method.POST, url="/track")


@pytest.mark.parametrize(
    ("draft", "variables"),
    [
        (Draft(url="/{{uuid}}/{{plan}}"), []),
        (Draft(url=f"/{HOME}"), ["HOME"]),
        (Draft(query=(Pair("a", f"x{HOME}{{{{ env:B }}}}"),)), ["B", "HOME"]),
        (Draft(query=(Pair(HOME, "1"),)), ["HOME"]),
        (Draft(query=(Pair("a", HOME, enabled=False),)), []),
        (Draft(headers=(Pair("X", HOME),)), ["HOME"]),
        (Draft(body=Body(BodyType.JSON, f'"{HOME}"')), ["HOME"]),
        (Draft(body=Body(BodyType.FILE, path="{{env:A}}.csv")), ["A"]),
    ],
)
def test_the_variables_of_a_draft_are_powers(
    draft: Draft, variables: list[str], tmp_path: Path
) -> None:
    powers = draft_powers(draft, tmp_path, tmp_path)
    assert sorted(powers) == [Power(PowerKind.VARIABLE, name) for name in variables]


@pytest.mark.parametrize(
    ("path", "outside"),
    [
        ("events.csv", False),
        ("../events.csv", False),
        ("../../secret", True),
        ("~/.ssh/id_rsa", True),
        ("/etc/passwd", True),
        ("link.csv", True),
        ("inner.csv", False),
    ],
)
def test_a_body_file_outside_the_collection_is_a_power(
    path: str, outside: bool, tmp_path: Path
) -> None:
    root = tmp_path / "shop"
    folder = root / "events"
    folder.mkdir(parents=True)
    (tmp_path / "secret").write_text("s")
    (folder / "link.csv").symlink_to(tmp_path / "secret")
    (folder / "inner.csv").symlink_to(folder / "events.csv")
    draft = Draft(body=Body(BodyType.FILE, path=path))
    assert bool(draft_powers(draft, root, folder)) is outside


@pytest.mark.parametrize(
    ("draft", "power"),
    [
        (
            Draft(headers=(Pair("X", HOME),)),
            Power(PowerKind.VARIABLE, "HOME"),
        ),
        (
            Draft(method=Method.POST, body=Body(BodyType.FILE, path="{{where}}/key")),
            Power(PowerKind.FILE, "/etc/key"),
        ),
    ],
)
def test_a_request_that_needs_more_than_its_folder_is_refused_until_that_is_granted(
    draft: Draft, power: Power, tmp_path: Path
) -> None:
    environment = Environment("e", project_id="1", variables={"where": "/etc"})
    values = Values(environment, process={"HOME": "/home/a"})
    trust = Trust(tmp_path)
    with pytest.raises(TrustError) as caught:
        prepare(draft, environment, origin=DraftOrigin(tmp_path, trust), values=values)
    assert caught.value.powers == (power,)
    assert f"mixtui trust {tmp_path}" in str(caught.value)
    assert trust.with_granted({power}).missing({power}) == ()
    assert trust.with_granted({Power(power.kind, "other")}).missing({power})


def test_an_environment_with_powers_that_are_not_granted_is_never_sent_with(
    tmp_path: Path,
) -> None:
    host = Power(PowerKind.HOST, "https://evil.example")
    environment = Environment(
        "e", project_id="1", origin=str(tmp_path / "mixtui.toml"), ungranted=(host,)
    )
    with pytest.raises(TrustError) as caught:
        prepare(POST, environment)
    assert (caught.value.root, caught.value.powers) == (tmp_path, (host,))
