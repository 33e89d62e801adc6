"""The session: what a run has in use, and what it becomes in another collection."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.model.errors import StorageError
from mixtui.session import Session, open_session
from mixtui.storage.paths import config_dir

OWN = "[environments.one]\nproject_id = 1\n[environments.two]\nproject_id = 2\n"
OTHERS = "[environments.theirs]\nproject_id = 3\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session in a collection of its own environments and two of the user."""
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "environments.toml").write_text(OWN)
    root = tmp_path / "a"
    root.mkdir()
    (root / "mixtui.toml").write_text("[environments.here]\nproject_id = 9\n")
    return open_session(root, variables={}, lenient=True)


@pytest.mark.parametrize(
    ("current", "text", "expected"),
    [
        # One of the user stays, if the other collection chooses none of its own.
        ("two", "", "two"),
        ("two", OTHERS, "two"),
        # One of the collection that is left does not, even if the name is the same.
        ("here", OTHERS, "one"),
        ("here", OTHERS.replace("theirs", "here"), "one"),
    ],
)
def test_another_collection_keeps_the_environment_of_the_user(
    current: str, text: str, expected: str, session: Session, tmp_path: Path
) -> None:
    environment = session.environments.get(current)
    assert environment is not None
    other = tmp_path / "b"
    other.mkdir()
    (other / "mixtui.toml").write_text(text)
    switched = session.with_environment(environment).with_collection(other)
    assert switched.collection.root == other
    assert switched.environment.name == expected
    assert ("theirs" in switched.environments.names) is ("theirs" in text)
    assert "here" not in switched.environments.names or "here" in text


def test_a_trusted_collection_chooses_its_environment(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixtui.storage.trust import TrustStore

    other = tmp_path / "b"
    TrustStore().mark_made_here(other)
    other.mkdir()
    (other / "mixtui.toml").write_text(f"default = 'theirs'\n{OTHERS}")
    assert session.with_collection(other).environment.name == "theirs"


def test_a_collection_that_does_not_exist_is_not_opened(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        session.with_collection(tmp_path / "gone")
