"""Finding saved requests by what is known of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.editing.finder import Findable, Finder, marks

REQUESTS = (
    Findable(
        "Weekly sign-ups",
        "Reports",
        "GET",
        "/query/segmentation?event=Sign%20up",
        "For the Monday meeting",
        "Event counts query.segmentation-query",
    ),
    Findable("Sign-ups by plan", "Reports/team-3", "GET", "/query/events"),
    Findable("Monday", "", "POST", "/track"),
    Findable("Mark a release", "team-3", "POST", "/projects/{projectId}/annotations"),
    Findable("Designs", "Other", "GET", "/query/insights"),
    Findable("not read yet", "Other"),
)
NAMES = [request.name for request in REQUESTS]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # A prefix of the name, of a word in it, a part of it.
        ("sign", ["Sign-ups by plan", "Weekly sign-ups", "Designs"]),
        # The name itself before the description.
        ("monday", ["Monday", "Weekly sign-ups"]),
        # A folder before a URL, the URL before a description.
        ("team-3", ["Sign-ups by plan", "Mark a release"]),
        ("query", ["Weekly sign-ups", "Sign-ups by plan", "Designs"]),
        ("annot", ["Mark a release"]),
        ("meeting", ["Weekly sign-ups"]),
        # The operation, by id and by title.
        ("segmentation-query", ["Weekly sign-ups"]),
        ("counts", ["Weekly sign-ups"]),
        # Folder and name, as they are shown.
        ("reports/week", ["Weekly sign-ups"]),
        ("post", ["Monday", "Mark a release"]),
        # Every word must match; where does not matter.
        ("weekly monday", ["Weekly sign-ups"]),
        ("release post", ["Mark a release"]),
        ("weekly release", []),
        # The letters alone.
        ("wsu", ["Weekly sign-ups"]),
        ("mkrel", ["Mark a release"]),
        ("tm3", ["Sign-ups by plan", "Mark a release"]),
        ("zzz", []),
        # What was not read yet is found by its file.
        ("read", ["not read yet"]),
        ("WEEKLY", ["Weekly sign-ups"]),
        ("  ", NAMES),
        ("", NAMES),
        ("[", []),
        ("a.*", []),
    ],
)
def test_what_is_typed_finds_requests_best_first(text: str, names: list[str]) -> None:
    finder = Finder(REQUESTS)
    assert [NAMES[index] for index in finder.find(text)] == names


TAGGED = (
    Findable("a", tags=("Weekly", "monthly report")),
    Findable("weekly", url="/b"),
    Findable("c", url="/engage#profile-set"),
    Findable("d", tags=("week",), favorite=True),
    Findable("e", url="/weekly", favorite=True),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["d", "e", "a", "weekly", "c"]),
        # A name before a tag, a tag before a URL; of two tags, the favorite.
        ("week", ["weekly", "d", "a", "e"]),
        ("weekly", ["weekly", "a", "e"]),
        ("#weekly", ["a"]),
        ("#WEEK", ["d", "a"]),
        ("#monthly report", ["a"]),
        ("report #weekly", ["a"]),
        ("#profile", ["c"]),
        ("#", ["d", "a", "c"]),
    ],
)
def test_tags_are_searched_and_favorites_come_first(
    text: str, names: list[str]
) -> None:
    finder = Finder(TAGGED)
    assert [TAGGED[index].name for index in finder.find(text)] == names


def test_words_in_a_row_come_before_the_words_alone() -> None:
    finder = Finder([Findable("plan sign-ups"), Findable("sign-ups plan")])
    assert finder.find("sign-ups plan") == [1, 0]


def test_letters_alone_do_not_match_where_many_contain_the_word() -> None:
    many = [Findable(f"sum {number}") for number in range(100)]
    finder = Finder([Findable("some user metric"), *many])
    assert 0 not in finder.find("sum")


@pytest.mark.parametrize(
    ("text", "searched", "is_path", "marked"),
    [
        ("Reports/Weekly sign-ups", "sign", True, ["sign"]),
        # The name rather than the folder, a word's start rather than its middle.
        ("sign/Weekly sign-ups", "sign", True, ["sign"]),
        ("Designs and signs", "sign", False, ["sign"]),
        ("Reports/Weekly sign-ups", "reports/week", True, ["Reports/Week"]),
        ("Reports/Weekly sign-ups", "ups weekly", True, ["Weekly", "ups"]),
        ("Reports/Weekly sign-ups", "rwsu", True, ["R", "W", "s", "u"]),
        ("/query/segmentation", "qsg", False, []),
        ("/query/segmentation", "seg", False, ["seg"]),
        ("", "seg", False, []),
        ("İstanbul", "stan", False, []),
    ],
)
def test_what_matches_is_marked(
    text: str, searched: str, is_path: bool, marked: list[str]
) -> None:
    spans = marks(text, searched, is_path=is_path)
    assert [text[start:end] for start, end in spans] == marked


def test_the_part_that_is_marked_is_the_best_one() -> None:
    assert marks("sign/Weekly sign-ups", "sign", is_path=True) == ((12, 16),)
    assert marks("Designs and signs", "sign") == ((12, 16),)


@given(st.text(max_size=30), st.text(max_size=30))
def test_anything_can_be_searched_and_marked(text: str, searched: str) -> None:
    Finder([Findable(text)]).find(searched)
    end = 0
    for start, stop in marks(text, searched, is_path=True):
        assert end <= start < stop <= len(text)
        end = stop


@given(st.text(min_size=1, max_size=30))
def test_a_request_is_found_by_its_name(name: str) -> None:
    assert Finder([Findable(name)]).find(name) == [0]


def test_a_longer_word_is_looked_for_only_where_the_shorter_one_was_found() -> None:
    class Counted(str):
        searched = 0

        def __contains__(self, part: object) -> bool:
            Counted.searched += 1
            return isinstance(part, str) and str.__contains__(self, part)

    many = [Findable(f"Request {number}") for number in range(1_000)]
    finder = Finder([*many, Findable("Zebra"), Findable("Zebu")])
    finder._texts = list(map(Counted, finder._texts))
    assert len(finder.find("z")) == 2
    assert Counted.searched == 1_002
    assert len(finder.find("zebr")) == 1
    assert Counted.searched == 1_004
    assert len(finder.find("re")) == 1_000
    assert len(finder.find("ze")) == 2


@given(st.lists(st.text("ab -", min_size=1, max_size=4), max_size=6))
def test_what_was_searched_before_changes_no_result(words: list[str]) -> None:
    used = Finder(REQUESTS)
    for text in words:
        assert used.find(text) == Finder(REQUESTS).find(text)
