from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import (
    AuthChoice,
    Body,
    BodyType,
    ChoiceSource,
    Draft,
    Method,
    Options,
    Pair,
    RequestInput,
)
from mixtui.model.errors import BrokenFile, StorageError
from mixtui.storage.request_file import parse, render
from tests.storage.strategies import drafts

PATH = Path("weekly.toml")

WEEKLY = """\
# ask Ann before you change this
name = "Weekly sign-ups"
description = "For the Monday report"
method = "GET"
api = "query"
url = "/query/events"
owner = "ann"            # not ours

# which events
[[query]]
name = "event"
value = '["Sign up"]'    # JSON in a parameter

# rarely needed
[[query]]
name = "limit"
value = "10"
enabled = false
note = "kept"

[[headers]]
name = "X-Trace-Id"
value = "{{uuid}}"

[body]
type = "json"
text = '''
{
  "a": 1
}'''

[options]
timeout = 30
colour = "red"
"""

DRAFT = Draft(
    name="Weekly sign-ups",
    description="For the Monday report",
    method=Method.GET,
    api=Api.QUERY,
    url="/query/events",
    query=(Pair("event", '["Sign up"]'), Pair("limit", "10", enabled=False)),
    headers=(Pair("X-Trace-Id", "{{uuid}}"),),
    body=Body(BodyType.JSON, '{\n  "a": 1\n}'),
    options=Options(timeout=30.0),
)


def read_draft(source: str | bytes) -> Draft:
    return parse(source, PATH)[0]


def test_a_file_becomes_a_draft_and_unknown_keys_give_warnings():
    draft, warnings = parse(WEEKLY, PATH)
    assert draft == DRAFT
    assert [warning.split()[4] for warning in warnings] == [
        "query.note",
        "options.colour",
        "owner",
    ]
    assert warnings[0].endswith("the unknown key query.note is ignored.")


def test_tags_and_favorite_are_written_beside_the_comments_of_a_file() -> None:
    draft = replace(DRAFT, favorite=True, tags=("weekly", "report"))
    source = render(draft, WEEKLY)
    added = 'favorite = true\ntags = ["weekly", "report"]\n'
    assert source == WEEKLY.replace("\n\n# which", f"\n{added}\n# which")
    assert read_draft(source) == draft
    assert render(DRAFT, source) == WEEKLY


@pytest.mark.parametrize("line", ["favorite = 'yes'", "tags = 'weekly'", "tags = [1]"])
def test_tags_are_a_list_of_words_and_a_favorite_is_true_or_false(line: str) -> None:
    with pytest.raises(BrokenFile, match=r"line 1: (favorite|tags) is"):
        read_draft(line)


def test_an_unknown_omission_is_kept_with_a_warning() -> None:
    source = "[options]\nleave_out = ['colour', 'content-type']\n"
    draft, warnings = parse(source, PATH)
    assert warnings == (
        f"{PATH.name}: colour in leave_out is ignored, because mixtui never adds it.",
    )
    changed = replace(draft, name="n")
    assert read_draft(render(changed, source)).options.leave_out == (
        "colour",
        "content-type",
    )


@pytest.mark.parametrize("value", ["'token'", "[1]", "true"])
def test_leave_out_must_be_a_list_of_names(value: str) -> None:
    with pytest.raises(BrokenFile, match="a list of quoted strings"):
        read_draft(f"[options]\nleave_out = {value}\n")


@pytest.mark.parametrize(
    ("source", "draft"),
    [
        pytest.param("", Draft(), id="empty"),
        pytest.param(b"\xef\xbb\xbfname = 'x'\r\n", Draft(name="x"), id="from Windows"),
        pytest.param("query = [{name = 'a'}]", Draft(query=(Pair("a"),)), id="inline"),
        pytest.param("body.text = 'a'", Draft(body=Body(text="a")), id="dotted"),
        pytest.param("[body]", Draft(body=Body()), id="empty body"),
        pytest.param(
            "[body]\ntype = 'file'\npath = 'e.ndjson'",
            Draft(body=Body(BodyType.FILE, path="e.ndjson")),
            id="file",
        ),
        pytest.param(
            "[options]\nauth='oauth'\nfollow_redirects=false\ndelete_body=true\n"
            "history=false",
            Draft(options=Options(AuthChoice.OAUTH, None, False, True, False)),
            id="options",
        ),
        pytest.param(
            "[options]\nleave_out = ['workspace_id', '$token']",
            Draft(options=Options(leave_out=("workspace_id", "$token"))),
            id="left out",
        ),
    ],
)
def test_equivalent_files_give_the_same_draft(source, draft):
    assert read_draft(source) == draft


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        pytest.param(
            "name = 'a'\nurl = ", 2, "not valid TOML: invalid value", id="syntax"
        ),
        pytest.param("a = 1\n[body\n", 2, "not valid TOML: expected ']'", id="header"),
        pytest.param("a = '''\n\n", 3, "not valid TOML: expected \"'''\"", id="no end"),
        pytest.param("a = 1\na = 2", 2, "not valid TOML: cannot overwrite", id="twice"),
        pytest.param("a = " + "[" * 9000, None, "nested too deeply", id="deep"),
        pytest.param(f"{'a.' * 90_000}a = 1", None, "too many parts", id="dots"),
        pytest.param(f"[{'a.' * 90_000}a]", None, "too many parts", id="header"),
        pytest.param(
            "a = {" + '"x" . ' * 90_000 + "b = 1}", None, "too many parts", id="quoted"
        ),
        pytest.param("a = " + "9" * 5000, None, "too many digits", id="long number"),
        pytest.param(
            b"a = 1\nb = '\xff'", 2, "bytes that are not valid UTF-8", id="bytes"
        ),
        pytest.param(
            "a=1\nname = 5",
            2,
            "name is a number, but must be a quoted string",
            id="name",
        ),
        pytest.param(
            "url = []", 1, "url is a list, but must be a quoted string", id="url"
        ),
        pytest.param(
            "method = 'FETCH'",
            1,
            "method is “FETCH”, but must be one of GET, POST, PUT, PATCH, DELETE",
            id="method",
        ),
        pytest.param(
            "method = 'get'", 1, "“get”, but must be one of GET", id="small letters"
        ),
        pytest.param(
            "api = 'events'",
            1,
            "api is “events”, but must be one of ingestion,",
            id="api",
        ),
        pytest.param(
            "query = 1", 1, "query is a number, but must be written as", id="rows"
        ),
        pytest.param(
            "query = [1]", 1, "must be written as [[query]] tables", id="list"
        ),
        pytest.param(
            "[[query]]\nname='a'\n\n[[query]]\nname='b'\nenabled='no'",
            6,
            "query.enabled of row 2 is a text, but must be true or false",
            id="row",
        ),
        pytest.param(
            "[[headers]]\nvalue = 1.5", 2, "headers.value of row 1 is a", id="h"
        ),
        pytest.param(
            "[[headers]]\nvalue=2020-01-01", 2, "is a date or time", id="date"
        ),
        pytest.param("body = 'x'", 1, "body is a text, but must be a table", id="body"),
        pytest.param(
            "[body]\ntext='''\ntype = 'x'\n'''\ntype = 'xml'",
            5,
            "body.type is “xml”, but must be one of json, ndjson, form, csv, text, file",
            id="body type",
        ),
        pytest.param(
            "[options]\nauth = true", 2, "auth is true or false, but", id="auth"
        ),
        pytest.param(
            "[options]\ntimeout = '5'", 2, "a number of seconds", id="timeout"
        ),
        pytest.param("[options]\ntimeout = true", 2, "a number of seconds", id="flag"),
        pytest.param("[options]\ntimeout = 0", 2, "above 0", id="no time"),
        pytest.param("[options]\ntimeout = nan", 2, "above 0", id="nan"),
        pytest.param("[options]\ntimeout = inf", 2, "above 0", id="inf"),
        pytest.param("[options]\ntimeout = 1" + "0" * 400, 2, "above 0", id="huge"),
    ],
)
def test_a_broken_file_is_reported_with_line_and_reason(source, line, message):
    with pytest.raises(BrokenFile) as caught:
        parse(source, PATH)
    assert message in str(caught.value)
    assert str(caught.value).startswith("weekly.toml")
    assert str(caught.value).endswith(".")
    assert caught.value.line == line


def test_a_control_character_in_a_wrong_value_is_not_repeated():
    with pytest.raises(BrokenFile) as caught:
        parse('method = "\\u001b[31m"', PATH)
    assert "\x1b" not in str(caught.value)


@given(drafts)
def test_any_draft_survives_rendering_to_a_new_file(draft):
    assert read_draft(render(draft)) == draft


@given(drafts, drafts)
def test_any_draft_survives_rendering_over_an_old_file(old, draft):
    assert read_draft(render(draft, render(old))) == draft
    assert read_draft(render(draft, render(old).replace("\n", "\r\n"))) == draft


@given(drafts)
def test_comments_and_unknown_keys_survive_any_draft(draft):
    source = render(draft, WEEKLY)
    assert read_draft(source) == draft
    assert source.startswith("# ask Ann before you change this\n")
    assert '\nowner = "ann"            # not ours\n' in source
    assert '\ncolour = "red"\n' in source


def test_a_new_file_has_method_api_and_url_and_no_defaults():
    draft = Draft(name="All", url="/x", query=(Pair("a", "1"), Pair("b", "2", False)))
    assert render(draft) == (
        'name = "All"\nmethod = "GET"\napi = "query"\nurl = "/x"\n'
        '\n[[query]]\nname = "a"\nvalue = "1"\n'
        '\n[[query]]\nname = "b"\nvalue = "2"\nenabled = false\n'
    )


def test_a_complete_new_file_has_the_order_of_the_screen():
    source = render(
        replace(DRAFT, options=Options(AuthChoice.NONE, 5, follow_redirects=False))
    )
    headers = [line for line in source.splitlines() if line.startswith("[")]
    assert headers == ["[[query]]"] * 2 + ["[[headers]]", "[body]", "[options]"]
    assert source.endswith('auth = "none"\ntimeout = 5\nfollow_redirects = false\n')


def test_an_unchanged_draft_leaves_every_byte():
    spaced = WEEKLY.replace(" = ", "  =  ").removesuffix("\n")
    assert render(read_draft(spaced), spaced) == spaced


EDITS = [
    pytest.param(
        replace(DRAFT, name="Other"),
        ('name = "Weekly sign-ups"', 'name = "Other"'),
        id="a name",
    ),
    pytest.param(
        replace(DRAFT, description=""),
        ('description = "For the Monday report"\n', ""),
        id="back to its default",
    ),
    pytest.param(
        replace(DRAFT, method=Method.POST),
        ('method = "GET"', 'method = "POST"'),
        id="a method",
    ),
    pytest.param(
        replace(DRAFT, query=(Pair("event", "[]"), DRAFT.query[1])),
        ("'[\"Sign up\"]'    #", '"[]"    #'),
        id="a value keeps the comment beside it",
    ),
    pytest.param(
        replace(DRAFT, query=(DRAFT.query[0], Pair("limit", "10"))),
        ("enabled = false\n", ""),
        id="a row switched on",
    ),
    pytest.param(
        replace(DRAFT, query=(DRAFT.query[0], Pair("top", "10", enabled=False))),
        ('name = "limit"', 'name = "top"'),
        id="a row of another name",
    ),
    pytest.param(
        replace(DRAFT, query=DRAFT.query[1:]),
        (WEEKLY[WEEKLY.index("\n# which") : WEEKLY.index("\n# rarely")], ""),
        id="a row removed with its comment",
    ),
    pytest.param(
        replace(DRAFT, query=(*DRAFT.query, Pair("unit", "day"))),
        ('"kept"\n', '"kept"\n\n[[query]]\nname = "unit"\nvalue = "day"\n'),
        id="a row added after its kind",
    ),
    pytest.param(
        replace(DRAFT, headers=()),
        ('[[headers]]\nname = "X-Trace-Id"\nvalue = "{{uuid}}"\n\n', ""),
        id="the last row of a kind",
    ),
    pytest.param(
        replace(DRAFT, body=None),
        (WEEKLY[WEEKLY.index("\n[body]") : WEEKLY.index("\n[options]")], ""),
        id="no body",
    ),
    pytest.param(
        replace(DRAFT, body=Body(BodyType.TEXT, "a\nb")),
        ('"json"\ntext = \'\'\'\n{\n  "a": 1\n}', "\"text\"\ntext = '''\na\nb"),
        id="a body",
    ),
    pytest.param(
        replace(DRAFT, options=Options(delete_body=True)),
        ('timeout = 30\ncolour = "red"', 'colour = "red"\ndelete_body = true'),
        id="options",
    ),
]


@pytest.mark.parametrize(("draft", "change"), EDITS)
def test_a_save_changes_only_what_changed(draft, change):
    before, after = change
    assert before in WEEKLY
    assert render(draft, WEEKLY) == WEEKLY.replace(before, after, 1)


def test_reordered_rows_keep_their_comments():
    draft = replace(DRAFT, query=DRAFT.query[::-1])
    source = render(draft, WEEKLY)
    first, second = source.index("# rarely needed"), source.index("# which events")
    assert first < source.index('name = "limit"') < source.index("kept") < second
    assert second < source.index('name = "event"') < source.index("# JSON in a")


def test_rows_between_other_tables_stay_there():
    source = "[[query]]\nname='a'\n[[headers]]\nname='h'\n[[query]]\nname='b'\n"
    draft = Draft(query=(Pair("b"), Pair("c")), headers=(Pair("h"),))
    assert render(draft, source) == (
        "[[query]]\nname='b'\n[[headers]]\nname='h'\n\n"
        '[[query]]\nname = "c"\nvalue = ""\n'
    )


@pytest.mark.parametrize(
    "source",
    [
        "query = [ {name='a', value='1', note=2020-01-01}, {name='b', value='2'} ]\n",
        "[[query]]\nname='a'\nvalue='1'\n[query.note]\nx=2\n[[query]]\nname='b'\nvalue='2'",
        "# c\nbody = {type='json'} # d\n",
        "body.type = 'json'\noptions.auth = 'none'\n",
        "query = []\n[options]\nauth='none'\n",
        "[options] # nothing yet",
    ],
)
def test_files_in_other_forms_can_be_edited(source):
    draft = Draft(
        name="n",
        query=(Pair("b", "2"), Pair("a", "3"), Pair("c", "4")),
        body=Body(BodyType.TEXT, "a\nb"),
        options=Options(AuthChoice.OAUTH, 5),
    )
    result = render(draft, source)
    assert read_draft(result) == draft
    assert result.count("note") == source.count("note")
    assert result.count("#") == source.count("#")


def test_a_file_that_cannot_be_edited_safely_is_refused():
    # The inner table would be left alone without its row.
    source = "[[query]]\nname='a'\n[body]\n[query.more]\n"
    with pytest.raises(StorageError, match="without damaging it: save"):
        render(Draft(body=Body()), source)


def test_a_broken_original_is_never_edited():
    with pytest.raises(BrokenFile):
        render(DRAFT, "name = ")


INPUTS = """\
method = "GET"
api = "app"
url = "/projects/{projectId}/annotations/{annotationId}"

# where they signed up
[[input]]
name = "city"
description = "City of the users"
choices = ["Oslo", "Bern"]   # offices
default = "Bern"
tone = "warm"

[[input]]
name = "event"
choices_from = "properties"
event = "Sign up"

[[input]]
name = "token"
secret = true

# the id of the annotation
[[path]]
name = "annotationId"
value = "{{city}}"
"""
WITH_INPUTS = Draft(
    api=Api.APP,
    url="/projects/{projectId}/annotations/{annotationId}",
    inputs=(
        RequestInput("city", "City of the users", "Bern", ("Oslo", "Bern")),
        RequestInput("event", choices_from=ChoiceSource.PROPERTIES, event="Sign up"),
        RequestInput("token", secret=True),
    ),
    path=(Pair("annotationId", "{{city}}"),),
)


def test_inputs_and_path_rows_are_read() -> None:
    draft, warnings = parse(INPUTS, PATH)
    assert draft == WITH_INPUTS
    assert warnings == ("weekly.toml: the unknown key input.tone is ignored.",)


def test_edited_inputs_keep_comments_unknown_keys_and_order() -> None:
    city, _, token = WITH_INPUTS.inputs
    draft = replace(
        WITH_INPUTS,
        inputs=(token, replace(city, name="town"), RequestInput("x")),
    )
    text = render(draft, INPUTS)
    assert parse(text, PATH)[0] == draft
    assert '# where they signed up\n[[input]]\nname = "town"' in text
    assert (
        'choices = ["Oslo", "Bern"]   # offices\ndefault = "Bern"\ntone = "warm"'
        in text
    )
    assert text.index("token") < text.index("town") < text.index('"x"')
    assert "Sign up" not in text
    assert "# the id of the annotation\n[[path]]" in text


def test_a_new_file_has_the_inputs_before_the_rows() -> None:
    text = render(WITH_INPUTS)
    assert parse(text, PATH)[0] == WITH_INPUTS
    assert text.index("[[input]]") < text.index("[[path]]")


@pytest.mark.parametrize(
    ("row", "line", "reason"),
    [
        ('name = "my city"', 3, "must be a template name"),
        ('description = "x"', 2, "input.name of row 2 is missing, but templates"),
        ('name = "city"', 3, "as that of an input before it"),
        ('name = "b"\nsecret = true\ndefault = "x"', 5, "it would be stored"),
        ('name = "b"\nchoices_from = "event"', 4, "did you mean events"),
        ('name = "b"\nchoices = "x"', 4, "must be a list of quoted strings"),
        ('name = "b"\ndefault = 3', 4, "must be a quoted string"),
    ],
)
def test_a_broken_input_names_its_line(row: str, line: int, reason: str) -> None:
    first = '[[input]]\nname = "city"\n'
    with pytest.raises(BrokenFile, match=reason) as caught:
        parse(f"{first}[[input]]\n{row}\n", PATH)
    assert caught.value.line == line + 1
