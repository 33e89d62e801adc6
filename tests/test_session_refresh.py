"""A session that reads its files again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.model.trust import Power, PowerKind
from mixtui.session import Session, open_session
from mixtui.storage.paths import config_dir

TWO = """
[environments.prod]
region = "eu"
project_id = "1"
[environments.dev]
project_id = "2"
"""


def write(name: str, text: str) -> None:
    """Write a file of the config folder."""
    path = config_dir() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session in the environment prod, with a collection."""
    (tmp_path / "collection").mkdir()
    write("environments.toml", TWO)
    return open_session(tmp_path / "collection", "prod", variables={}, lenient=True)


def test_without_a_change_the_session_is_the_same(session: Session) -> None:
    assert session.refreshed() == (session, ())
    assert session.refreshed()[0] is session


def test_other_settings_and_environments_are_read(session: Session) -> None:
    write("config.toml", 'theme = "terminal"\n[history]\ncount = 5\n')
    write("environments.toml", TWO.replace('"eu"', '"in"'))
    fresh, problems = session.refreshed()
    assert problems == ()
    assert fresh.settings.theme == "terminal"
    assert fresh.settings.history.max_entries == 5
    assert fresh.environment.region == "in"


def test_a_broken_file_leaves_everything_as_it_was_and_names_its_line(
    session: Session,
) -> None:
    write("config.toml", 'theme = "terminal"\nmouse = 3\n')
    write("environments.toml", TWO + "[environments")
    fresh, problems = session.refreshed()
    assert fresh.settings == session.settings
    assert fresh.environments == session.environments
    assert fresh.environment == session.environment
    settings, environments = problems
    assert "config.toml, line 2" in settings
    assert "environments.toml, line 7" in environments


def test_a_broken_environment_in_use_stays_as_it_was(session: Session) -> None:
    write("environments.toml", TWO.replace('"eu"', '"mars"'))
    fresh, (problem,) = session.refreshed()
    assert fresh.environment == session.environment
    assert "environments.toml, line 3" in problem


def test_another_environment_never_takes_the_place_of_a_deleted_one(
    session: Session,
) -> None:
    write("environments.toml", 'default = "dev"\n' + TWO.replace("prod", "other"))
    fresh, _ = session.refreshed()
    assert fresh.environment == NO_ENVIRONMENT
    assert fresh.environments.names == ("other", "dev")


def test_the_first_environment_is_used_as_a_start_would(tmp_path: Path) -> None:
    (tmp_path / "collection").mkdir()
    session = open_session(tmp_path / "collection", variables={}, lenient=True)
    assert session.environment == NO_ENVIRONMENT
    write("environments.toml", f'default = "dev"\n{TWO}')
    fresh, _ = session.refreshed()
    assert fresh.environment.name == "dev"


def test_a_collection_that_is_away_has_deleted_no_environment(tmp_path: Path) -> None:
    root = tmp_path / "collection"
    root.mkdir()
    (root / "mixtui.toml").write_text(TWO)
    session = open_session(root, "prod", variables={}, lenient=True)
    root.rename(tmp_path / "away")
    write("config.toml", "mouse = false\n")
    fresh, problems = session.refreshed()
    assert problems == ()
    assert not fresh.settings.mouse
    assert fresh.environment == session.environment


def test_a_collection_that_wants_more_gets_nothing_unasked(tmp_path: Path) -> None:
    root = tmp_path / "collection"
    root.mkdir()
    (root / "mixtui.toml").write_text(TWO)
    session = open_session(root, "prod", variables={}, lenient=True)
    assert session.environment.ungranted == ()
    theirs = '[environments.prod.hosts]\nquery = "https://elsewhere.example"\n'
    (root / "mixtui.toml").write_text(TWO + theirs)
    fresh, _ = session.refreshed()
    host = Power(PowerKind.HOST, "https://elsewhere.example")
    assert [power.kind for power in fresh.environment.ungranted] == [host.kind]
    granted = fresh.with_granted(fresh.environment.ungranted)
    # What could not be stored stays granted until the end.
    assert granted.refreshed()[0].environment.ungranted == ()
