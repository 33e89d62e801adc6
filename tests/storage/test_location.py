from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.model.errors import StorageError
from mixtui.storage.location import Location, join_location, parse_location
from mixtui.text import sanitize

ROOT = Path("/collection")


@pytest.mark.parametrize(
    ("text", "folders", "name"),
    [
        ("Weekly", (), "Weekly"),
        (" Team / Weekly  report\n", ("Team",), "Weekly report"),
        ("a/b/c", ("a", "b"), "c"),
        (r"Team/5\/7", ("Team",), "5/7"),
        (r"Te\\am/x", None, ""),
        (r"C:\temp", (), r"C:\temp"),
        (r"a\\/b", None, ""),
        (r"x\\y", (), r"x\y"),
        ("v1.2...", (), "v1.2..."),
        (".hidden", (), ".hidden"),
        ("a: b?", (), "a: b?"),
        ("x" * 200, (), "x" * 200),
    ],
)
def test_a_location_is_read(
    text: str, folders: tuple[str, ...] | None, name: str
) -> None:
    if folders is None:  # A backslash cannot be in the name of a folder.
        with pytest.raises(StorageError, match="refer to another folder"):
            parse_location(text, ROOT)
    else:
        assert parse_location(text, ROOT) == Location(folders, name)


@pytest.mark.parametrize("is_folder", [False, True])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type a name."),
        (" ", "Type a name."),
        ("/", "Type a name after the last /."),
        ("//x", "Remove a /: the folder before it has no name."),
        ("/x", "Remove a /: the folder before it has no name."),
        ("a//b", "Remove a /: the folder before it has no name."),
        ("../x", "“..” is not a valid name"),
        ("a/../../x", "“..” is not a valid name"),
        ("./x", "“.” is not a valid name"),
        ("a/..", "“..” is not a valid name"),
        (".hidden/x", "starts with a dot"),
        ("con/x", "Windows"),
        ("mixtui.toml/x", "reserves it"),
        ("a\0/x", "a control character"),
        ("x" * 200_000, "Shorten this to 2,000 characters: it has 200,000."),
        ("/".join("x" * 100_000), "Shorten this"),
        ("é" * 241, ""),
    ],
)
def test_an_invalid_location_is_rejected_in_one_short_sentence(
    text: str, message: str, is_folder: bool
) -> None:
    if text == "/" and is_folder:
        message = "Type a name."
    with pytest.raises(StorageError) as caught:
        parse_location(text, ROOT, is_folder=is_folder)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 150


def test_a_slash_at_the_end_belongs_to_a_folder() -> None:
    assert parse_location("a/b/", ROOT, is_folder=True) == Location(("a",), "b")
    with pytest.raises(StorageError, match="Type a name after the last /"):
        parse_location("a/b/", ROOT)


NAMES = (
    st.text(max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: sanitize(text) == text and text not in ("", ".", ".."))
)


@given(NAMES)
def test_every_name_that_is_safe_to_show_comes_back_from_its_location(
    name: str,
) -> None:
    written = join_location(["Team", name])
    assert parse_location(written, ROOT) == Location(("Team",), name)
