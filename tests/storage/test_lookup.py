from __future__ import annotations

import pytest

from mixtui.model.draft import Draft
from mixtui.model.errors import StorageError

FILES = {
    "weekly.toml": "Weekly sign-ups",
    "reports/weekly.toml": "Weekly report",
    "reports/funnel.toml": "Funnel",
    "reports/Funnel-EU.toml": "Sign-up funnel",
    "a/same.toml": "Same name",
    "b/same.toml": "same NAME",
    "nameless.toml": "",
    "übersicht.toml": "Tägliche Übersicht",
}


@pytest.fixture
def filled_collection(collection):
    for path, name in FILES.items():
        folder = collection.root / path.rpartition("/")[0]
        collection.save_as(folder, Draft(name=name), stem=path.split("/")[-1][:-5])
    (collection.root / "broken.toml").write_text("name = ")
    return collection


@pytest.mark.parametrize(
    ("query", "path"),
    [
        pytest.param("weekly", "weekly.toml", id="the path before the file name"),
        pytest.param("reports/weekly", "reports/weekly.toml", id="a path"),
        pytest.param(
            "./reports/weekly.toml", "reports/weekly.toml", id="as a shell does"
        ),
        pytest.param("Reports\\WEEKLY", "reports/weekly.toml", id="as Windows does"),
        pytest.param("funnel", "reports/funnel.toml", id="a file name"),
        pytest.param(
            "funnel-eu", "reports/Funnel-EU.toml", id="without regard to case"
        ),
        pytest.param("sign-up FUNNEL", "reports/Funnel-EU.toml", id="a name"),
        pytest.param(
            "reports/SIGN-UP funnel", "reports/Funnel-EU.toml", id="folder/name"
        ),
        pytest.param(" Same name ", "a/same.toml", id="the name as written first"),
        pytest.param("TÄGLICHE u\u0308bersicht", "übersicht.toml", id="any alphabet"),
        pytest.param("nameless", "nameless.toml", id="unnamed"),
        pytest.param("broken", "broken.toml", id="a broken one, to be told why"),
    ],
)
def test_a_request_is_found_by_path_file_name_or_name(query, path, filled_collection):
    assert filled_collection.find(query) == filled_collection.root / path


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("same", "2 saved requests are named “same”: a/same, b/same. Add the folder"),
        ("SAME NAME", "2 saved requests are named “SAME NAME”: a/same, b/same"),
        (
            "weekly signups",
            "“weekly signups” was not found in the collection. Did you mean Weekly sign-ups?",
        ),
        ("funel", "Did you mean reports/funnel?"),
        ("zzzz", "“zzzz” was not found in the collection. “mixtui list” lists"),
        ("../weekly", "“../weekly”"),
    ],
)
def test_an_unknown_or_ambiguous_name_is_reported(query, expected, filled_collection):
    with pytest.raises(StorageError) as caught:
        filled_collection.find(query)
    assert expected in str(caught.value)


def test_only_the_first_of_many_matches_are_listed(collection):
    for number in range(8):
        folder = collection.root / f"f{number}"
        collection.save_as(folder, Draft(name="x"))
    with pytest.raises(StorageError, match=r"f0/x, .*f4/x and 3 more"):
        collection.find("x")


def test_an_empty_collection_is_reported(collection):
    with pytest.raises(StorageError, match="the collection is empty"):
        collection.find("x")
