"""Trusted folders are remembered, by what they really are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mixtui.model.draft import Draft
from mixtui.model.trust import FULL_TRUST, Power, PowerKind, Trust
from mixtui.storage.collection import Collection
from mixtui.storage.paths import data_dir
from mixtui.storage.trust import TrustStore

HOME = Power(PowerKind.VARIABLE, "HOME")
HOST = Power(PowerKind.HOST, "https://evil.example")


def test_powers_are_granted_one_after_the_other_and_revoked_together(
    tmp_path: Path,
) -> None:
    store, root = TrustStore(), tmp_path / "shop"
    assert store.trust_in(root) == Trust(root)
    store.grant(root, {HOME})
    store.grant(root, {HOST})
    assert TrustStore().trust_in(root) == Trust(root, frozenset({HOME, HOST}))
    assert TrustStore().trust_in(root / "inner") == Trust(root / "inner")
    assert store.revoke(root)
    assert not store.revoke(root)
    assert store.trust_in(root) == Trust(root)


def test_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    root, link = tmp_path / "shop", tmp_path / "link"
    root.mkdir()
    link.symlink_to(root)
    TrustStore().grant(root, {HOME})
    assert TrustStore().trust_in(link).granted == {HOME}


def test_a_collection_that_is_made_here_is_trusted(tmp_path: Path) -> None:
    root = tmp_path / "new"
    Collection(root).save_as(root, Draft(name="First"))
    assert TrustStore().trust_in(root) == FULL_TRUST
    assert TrustStore().folders() == ((root, FULL_TRUST),)


def test_a_folder_that_is_there_already_is_not_made_here(tmp_path: Path) -> None:
    Collection(tmp_path).save_as(tmp_path, Draft(name="First"))
    assert TrustStore().trust_in(tmp_path) == Trust(tmp_path)


def test_the_collections_of_the_app_itself_are_trusted_and_none_within_them() -> None:
    own = data_dir() / "collection"
    assert TrustStore().trust_in(own) == FULL_TRUST
    assert TrustStore().trust_in(own / "cloned") == Trust(own / "cloned")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"folders": 1}',
        '{"folders": {"ROOT": 1}}',
        '{"folders": {"ROOT": {"powers": 5}}}',
        '{"folders": {"ROOT": {"powers": [["magic", "x"], "y", ["host"], ["host", 1]]}}}',
        '{"folders": {"ROOT": {"made_here": "yes"}}}',
        '{"folders": {"ROOT": {"powers": [[["host"], "x"], [{}, "x"]]}}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_trusts_nothing(content: str, tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "state")
    root = tmp_path / "shop"
    store.grant(root, {HOME})
    path = tmp_path / "state" / "trust.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(content.replace("ROOT", str(root)))
    assert store.trust_in(root) == Trust(root)


def test_a_folder_whose_name_is_not_utf_8_is_trusted_beside_others(
    tmp_path: Path,
) -> None:
    store = TrustStore(tmp_path / "state")
    first, second = tmp_path / "shop", tmp_path / os.fsdecode(b"caf\xe9")
    store.grant(first, {HOME})
    store.grant(second, {HOME})
    assert store.trust_in(first).granted == store.trust_in(second).granted == {HOME}
