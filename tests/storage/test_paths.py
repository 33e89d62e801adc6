from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mixtui.model.errors import StorageError
from mixtui.storage import paths

FOLDERS = [
    pytest.param(paths.config_dir, "XDG_CONFIG_HOME", id="config"),
    pytest.param(paths.data_dir, "XDG_DATA_HOME", id="data"),
    pytest.param(paths.state_dir, "XDG_STATE_HOME", id="state"),
]


@pytest.mark.parametrize(("function", "variable"), FOLDERS)
def test_an_xdg_variable_sets_the_folder(function, variable, monkeypatch, tmp_path):
    monkeypatch.setenv(variable, str(tmp_path / "there"))
    assert function() == tmp_path / "there" / "mixtui"
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(("function", "variable"), FOLDERS)
@pytest.mark.parametrize("value", [None, "", "relative"])
def test_without_an_absolute_xdg_variable_the_platform_default_is_used(
    function, variable, value, monkeypatch
):
    if value is None:
        monkeypatch.delenv(variable, raising=False)
    else:
        monkeypatch.setenv(variable, value)
    folder = function()
    assert folder.is_absolute()
    assert "mixtui" in folder.parts


@pytest.fixture
def base_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("named", "variable", "project/deep/er"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "project" / "mixtui.toml").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("option", "cwd", "variables", "expected"),
    [
        pytest.param("named", "project", {}, "named", id="the option wins"),
        pytest.param("../named", "project", {}, "named", id="a relative option"),
        pytest.param(
            "project/mixtui.toml", ".", {}, "project", id="the file that marks it"
        ),
        pytest.param(None, "project", {}, "project", id="here"),
        pytest.param(None, "project/deep/er", {}, "project", id="a parent"),
        pytest.param(
            None,
            "project/deep",
            {"MIXTUI_COLLECTION": "variable"},
            "project",
            id="a parent before the variable",
        ),
        pytest.param(
            None,
            "named",
            {"MIXTUI_COLLECTION": "../variable"},
            "variable",
            id="variable",
        ),
        pytest.param(
            None,
            "named",
            {"MIXTUI_COLLECTION": ""},
            "data/mixtui/collection",
            id="none",
        ),
    ],
)
def test_the_collection_is_found_by_option_folder_or_variable(
    option, cwd, variables, expected, base_folders
):
    if option is not None:
        option = Path(option) if option.startswith("..") else base_folders / option
    collection = paths.find_collection(option, base_folders / cwd, variables)
    assert collection == base_folders / expected


def test_finding_the_data_folder_does_not_create_it(base_folders):
    collection = paths.find_collection(None, base_folders / "named", {})
    assert not collection.exists()


@pytest.mark.parametrize(
    ("option", "variables", "message"),
    [
        pytest.param("gone", {}, "does not exist: create it"),
        pytest.param("project/mixtui.toml/x", {}, "does not exist"),
        pytest.param("file", {}, "is not a folder"),
        pytest.param(
            None, {"MIXTUI_COLLECTION": "gone"}, "$MIXTUI_COLLECTION does not"
        ),
    ],
)
def test_a_named_folder_must_exist(option, variables, message, base_folders):
    (base_folders / "file").touch()
    option = option and base_folders / option
    with pytest.raises(StorageError) as caught:
        paths.find_collection(option, base_folders / "named", variables)
    assert message in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [None, 0o700, 0o710, 0o740, 0o701, 0o755])
def test_a_private_folder_has_mode_700(tmp_path, mode):
    path = tmp_path / "state" / "mixtui"
    if mode is not None:
        path.mkdir(parents=True)
        path.chmod(mode)
    assert paths.private_folder(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_folders_above_a_private_one_are_created_private(tmp_path):
    tmp_path.chmod(0o755)
    paths.private_folder(tmp_path / "state" / "mixtui" / "log")
    modes = [
        stat.S_IMODE((tmp_path / name).stat().st_mode)
        for name in ("state", "state/mixtui", "state/mixtui/log", ".")
    ]
    assert modes == [0o700, 0o700, 0o700, 0o755]


def test_a_private_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"private folder .* cannot be created"):
        paths.private_folder(tmp_path / "file" / "folder")
