"""One check for a parameter, whichever way it comes: URL, row, form or command."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote
from uuid import UUID

import pytest

from mixtui.hints import Hint
from mixtui.mixpanel.catalogue import (
    Needs,
    NotBoth,
    OneOf,
    Operation,
    Rule,
    operations,
)
from mixtui.model.draft import Draft
from mixtui.model.errors import Field
from tests.hints import samples
from tests.hints.samples import make_draft

EXPORT_DATES = ("from_date=2026-11-01", "to_date=2026-11-20")
SEGMENTATION = ("event=a", *EXPORT_DATES)


def in_url(url: str, api: str, pairs: tuple[str, ...]) -> Draft:
    query = "&".join(
        f"{name}={quote(value)}" for name, _, value in (p.partition("=") for p in pairs)
    )
    return make_draft("GET", api, f"{url}?{query}")


def in_rows(url: str, api: str, pairs: tuple[str, ...]) -> Draft:
    return make_draft("GET", api, url, *pairs)


def in_form(url: str, api: str, pairs: tuple[str, ...]) -> Draft:
    return make_draft("POST", api, url, body="\n".join(pairs), kind="form")


def hints_of(draft: Draft) -> list[Hint]:
    return [hint for hint in samples.hints_of(draft) if hint.severe]


def messages_of(draft: Draft) -> list[str]:
    return [hint.message for hint in hints_of(draft)]


Door = Callable[..., Draft]

each_door = pytest.mark.parametrize("door", [in_url, in_rows, in_form])


@each_door
@pytest.mark.parametrize(
    ("url", "api", "pairs", "message"),
    [
        (
            "/query/segmentation",
            "query",
            (*SEGMENTATION, 'where=properties["plan"] = "pro"'),
            'where is properties["plan"] = "pro", but that is not valid at column 20: use '
            '`==` instead of `=`: did you mean properties["plan"] == "pro"?',
        ),
        (
            "/query/segmentation",
            "query",
            (*SEGMENTATION, "on=plan"),
            'on is plan, but it must be an expression: did you mean properties["plan"]?',
        ),
        (
            "/query/segmentation",
            "query",
            (*SEGMENTATION, "where=plan == 1"),
            "where is plan == 1, but that is not valid at column 1: write the "
            'property as properties["plan"]: did you mean properties["plan"] == 1?',
        ),
        (
            "",
            "export",
            (*EXPORT_DATES, 'where=defined(properties["a"]'),
            'where is defined(properties["a"], but that is not valid at column 8: this ( '
            "has no ).",
        ),
        (
            "/query/engage",
            "query",
            ('selector=properties["plan"] == 1',),
            "selector is not a documented {noun} of this operation: check the name or remove it.",
        ),
        (
            "/query/segmentation",
            "query",
            ("event=a", "from_date=2026-11-20", "to_date=2026-11-01"),
            "from_date (2026-11-20) is after to_date (2026-11-01): swap them.",
        ),
        (
            "/query/retention",
            "query",
            (*EXPORT_DATES, "unit=day", "interval=7"),
            "unit and interval are mutually exclusive: remove interval.",
        ),
        (
            "/query/segmentation",
            "query",
            (*SEGMENTATION, "unit=Day"),
            "unit is Day, but it must be one of minute, hour, day, month: did you mean day?",
        ),
        (
            "/query/segmentation",
            "query",
            (*SEGMENTATION, "unti=day"),
            "unti is not a {noun} of this operation: did you mean unit?",
        ),
        (
            "/query/segmentation",
            "query",
            ("event=a", "from_date=2026-11-01"),
            "to_date is missing, and this operation requires it: add it to the query.",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_a_mistake_is_known_wherever_it_stands(
    door: object, url: str, api: str, pairs: tuple[str, ...], message: str
) -> None:
    assert callable(door)
    noun = "field" if door is in_form else "parameter"
    assert messages_of(door(url, api, pairs)) == [message.format(noun=noun)]


@each_door
def test_a_right_query_has_no_hint_wherever_it_stands(door: object) -> None:
    assert callable(door)
    where = 'where=properties["plan"] == "pro" and not defined(user["x"])'
    assert (
        messages_of(door("/query/segmentation", "query", (*SEGMENTATION, where))) == []
    )


def test_a_mistake_in_a_json_body_is_known_too() -> None:
    body = json.dumps({"where": 'properties["plan"] = 1'})
    draft = make_draft("POST", "query", "/query/engage", body=body)
    assert any("not valid at column 20" in each for each in messages_of(draft))


@pytest.mark.parametrize(
    ("members", "row", "hints"),
    [
        ({"page": 1}, "", ["session_id is missing, and page requires it"]),
        ({"page": 0}, "", []),
        ({"page": 1, "session_id": "s"}, "", []),
        ({"page": 1}, "session_id=s", []),
        ({"include_all_users": True}, "", ["filter_by_cohort is missing"]),
        (
            {"filter_by_cohort": {"id": 1}, "behaviors": []},
            "",
            ["behaviors and filter_by_cohort are mutually exclusive"],
        ),
    ],
)
def test_members_of_a_json_body_depend_on_each_other_too(
    members: dict[str, object], row: str, hints: list[str]
) -> None:
    rows = (row,) if row else ()
    body = json.dumps(members, indent=1)
    draft = make_draft("POST", "query", "/query/engage", *rows, body=body)
    messages = messages_of(draft)
    assert [each for each in messages if each.startswith(tuple(hints))] == messages
    assert len(messages) == len(hints)


@pytest.mark.parametrize("door", [in_rows, in_form])
@pytest.mark.parametrize(
    ("pairs", "corrected"),
    [
        ((*SEGMENTATION, "unit=Day"), (*SEGMENTATION, "unit=day")),
        ((*SEGMENTATION, "unti=day"), (*SEGMENTATION, "unit=day")),
        (
            ("event=a", "from_date=2026-11-20", "to_date=2026-11-01"),
            ("event=a", "from_date=2026-11-01", "to_date=2026-11-20"),
        ),
        ((*SEGMENTATION, 'where="a" = 1'), (*SEGMENTATION, 'where="a" == 1')),
    ],
)
def test_a_mistake_is_corrected_in_its_place(
    door: object, pairs: tuple[str, ...], corrected: tuple[str, ...]
) -> None:
    assert callable(door)
    (hint,) = hints_of(door("/query/segmentation", "query", pairs))
    assert hint.suggestion == door("/query/segmentation", "query", corrected)
    assert (hint.line is not None) is (door is in_form)
    assert (hint.row is not None) is (door is in_rows)


@pytest.mark.parametrize("text", ["unit={{unit}}", 'unit="""\nDay\n"""', "unit =Day"])
def test_a_line_that_is_not_the_value_alone_is_left_to_the_person(text: str) -> None:
    pairs = (*SEGMENTATION, text)
    hints = hints_of(in_form("/query/segmentation", "query", pairs))
    assert not any(each.suggestion for each in hints if "unit is" in each.message)


def test_what_stands_in_the_query_is_not_missing_in_the_form() -> None:
    draft = make_draft(
        "POST",
        "query",
        "/query/segmentation",
        *EXPORT_DATES,
        body="event=a",
        kind="form",
    )
    assert messages_of(draft) == []


def test_what_both_report_is_reported_once() -> None:
    draft = make_draft(
        "POST",
        "query",
        "/query/segmentation",
        *SEGMENTATION,
        body="event=b",
        kind="form",
    )
    (hint,) = hints_of(draft)
    assert hint.message == "event is in the query and here: keep one of them."
    assert (hint.field, hint.line) == (Field.BODY, 1)


# Rules between parameters

RULES = [
    pytest.param(operation, rule, id=f"{operation.id}-{index}")
    for operation in operations()
    for index, rule in enumerate(operation.rules)
]


def names_of(rule: Rule) -> tuple[str, ...]:
    match rule:
        case OneOf(groups):
            conditions = [each for group in groups for each in group]
        case NotBoth(kept, dropped):
            conditions = [kept, dropped]
        case Needs(name, needed):
            conditions = [name, needed]
    return tuple(each.partition("=")[0] for each in conditions)


def value_of(operation: Operation, name: str) -> str:
    described = operation.parameter(name)
    if described is not None:
        return described.example.replace("{{today-7d}}", "2026-11-17") or "1"
    return "1"


def broken(rule: Rule) -> tuple[set[str], str]:
    """Return the names that break a rule, and the one that its hint begins with."""
    match rule:
        case OneOf(groups):
            return set(), groups[0][0]
        case NotBoth(kept, dropped):
            return {kept, dropped}, kept
        case Needs(name, needed):
            return {name}, needed


def kept(rule: Rule) -> list[set[str]]:
    match rule:
        case OneOf(groups):
            return [set(group) for group in groups]
        case NotBoth(first, second):
            return [{first}, {second}, set()]
        case Needs(name, needed):
            return [{name, needed}, {needed}, set()]


def draft_with(operation: Operation, names: set[str]) -> Draft:
    pairs = [
        each if "=" in each else f"{each}={value_of(operation, each)}"
        for each in sorted(names)
    ]
    if operation.body is not None and "form" in operation.body.types:
        text = "\n".join(pairs) or "a=1"
        return make_draft("POST", operation.api, operation.url, body=text, kind="form")
    return make_draft("GET", operation.api, operation.url, *pairs)


def rule_hints(operation: Operation, rule: Rule, names: set[str]) -> list[str]:
    beginning = broken(rule)[1]
    signs = ("is missing, and", "are mutually exclusive: remove", ", or ")
    return [
        each
        for each in messages_of(draft_with(operation, names))
        if each.startswith(f"{beginning} ") and any(sign in each for sign in signs)
    ]


@pytest.mark.parametrize(("operation", "rule"), RULES)
def test_a_rule_between_parameters_is_checked(operation: Operation, rule: Rule) -> None:
    assert len(rule_hints(operation, rule, broken(rule)[0])) == 1
    for names in kept(rule):
        assert rule_hints(operation, rule, names) == []


@pytest.mark.parametrize(("operation", "rule"), RULES)
def test_a_rule_speaks_of_what_is_documented(operation: Operation, rule: Rule) -> None:
    documented = {each.name for each in operation.parameters}
    if operation.body is not None:
        plans = (operation.body, *operation.body.variants)
        documented |= {field.name for plan in plans for field in plan.fields}
    assert documented >= set(names_of(rule))


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        (("trial=true",), ""),
        (("trial=false",), "from_date is missing, and this operation requires it or"),
        (("trial={{unknown}}",), ""),
        (("from_date=2026-11-20", "trial=true"), ""),
        (("trial=true", "where=1 == 1", "data_source=events"), ""),
        (
            ("trial=true", "where=1 == 1", "data_source=people"),
            "data_source=people and",
        ),
        (
            ("trial=true", "s3_kms_key_id=a", "s3_encryption=aes"),
            "s3_encryption=kms is",
        ),
    ],
)
def test_a_rule_may_speak_of_one_value(pairs: tuple[str, ...], problem: str) -> None:
    messages = messages_of(in_form("/pipeline/create", "pipelines", pairs))
    signs = ("or trial", "mutually exclusive", "requires it: add it, or remove")
    found = [m for m in messages if any(sign in m for sign in signs)]
    assert [each.startswith(problem) for each in found] == [True] * bool(problem)


def test_a_rule_has_an_exception() -> None:
    first = make_draft("GET", "query", "/query/engage", "page=0")
    assert messages_of(first) == []
    later = make_draft("GET", "query", "/query/engage", "page=1")
    assert messages_of(later) == [
        "session_id is missing, and page requires it: add it, or remove page."
    ]


# Records in ``data``

EVENT = {"event": "a", "properties": {"distinct_id": "u", "time": 1_700_000_000}}


def data_form(url: str, records: object, *fields: str, encode: bool = False) -> Draft:
    text = json.dumps(records)
    data = base64.b64encode(text.encode()).decode() if encode else text
    body = "\n".join((*fields, f"data={data}"))
    return make_draft("POST", "ingestion", url, body=body, kind="form")


def data_row(url: str, records: object, *rows: str, encode: bool = False) -> Draft:
    body = data_form(url, records, encode=encode).body
    assert body is not None
    return make_draft("GET", "ingestion", url, *rows, body.text)


def data_url(url: str, records: object, *rows: str, encode: bool = False) -> Draft:
    path, mark, fragment = url.partition("#")
    data = data_row(url, records, encode=encode).query[0].value
    target = f"{path}/?data={quote(data)}{mark}{fragment}"
    return make_draft("GET", "ingestion", target, *rows)


ANONYMOUS = {**EVENT, "event": "$identify", "properties": {"$anon_id": "x", "time": 1}}


@pytest.mark.parametrize("encode", [False, True], ids=["JSON", "Base64"])
@pytest.mark.parametrize("door", [data_form, data_row, data_url])
@pytest.mark.parametrize(
    ("url", "records", "message"),
    [
        ("/track", ANONYMOUS, "$anon_id is x, but must be a UUID v4"),
        ("/track", [EVENT, {"event": ""}], "event is empty: set a value."),
        ("/import", EVENT | {"properties": {"time": 1}}, "time is before 1971"),
        ("/engage#profile-set", {"$sett": {"a": 1}}, "did you mean $set?"),
        (
            "/engage",
            {"$add": {"a": "1"}},
            "$add requires numbers, but one of its values",
        ),
        (
            "/engage",
            {"$union": {"a": "1"}},
            "$union requires lists, but one of its values",
        ),
        ("/groups", {"$group_key": "k", "$set": {}}, "$group_id is missing: add it."),
        ("/track", "no record", "data must be JSON, plain or in Base64"),
    ],
)
def test_records_are_checked_in_a_form_a_row_and_the_url(
    url: str, records: object, message: str, door: Door, encode: bool
) -> None:
    if records == "no record" and not encode:
        return
    messages = messages_of(door(url, records, encode=encode))
    assert [each for each in messages if message in each], messages


@pytest.mark.parametrize("door", [data_row, data_url])
@pytest.mark.parametrize(
    ("url", "record", "message"),
    [
        ("/track", {"event": "a", "properties": {}}, "properties.token is missing"),
        ("/engage", {"$distinct_id": "u", "$set": {}}, "$token is missing"),
    ],
)
def test_a_token_that_is_not_added_to_a_query_is_missing(
    door: Door, url: str, record: object, message: str
) -> None:
    assert [message in each for each in messages_of(door(url, record))] == [True]


def test_a_misspelt_name_in_a_form_is_not_missing_as_well() -> None:
    pairs = ("evnt=a", *EXPORT_DATES)
    for door in (in_form, in_rows):
        assert len(messages_of(door("/query/segmentation", "query", pairs))) == 1


@pytest.mark.parametrize("encode", [False, True], ids=["JSON", "Base64"])
@pytest.mark.parametrize(
    ("url", "records", "message"),
    [
        ("/track", {"properties": {}}, "event is missing: add it."),
        (
            "/track",
            [EVENT, {"event": ""}],
            "Record 2: event is empty: set a value.",
        ),
        (
            "/import",
            {"event": "a", "properties": {"time": 1, "distinct_id": "u"}},
            "time",
        ),
        ("/engage#profile-set", {"$set": {"a": 1}}, "$distinct_id is missing: add it."),
        ("/track", "no record", "data must be JSON, plain or in Base64"),
    ],
)
def test_records_in_data_are_checked_as_those_of_a_body(
    url: str, records: object, message: str, encode: bool
) -> None:
    draft = data_form(url, records, "verbose=1", encode=encode)
    hints = [hint for hint in hints_of(draft) if message in hint.message]
    if records == "no record":
        assert [h.line for h in hints] == ([2] if encode else [])
        return
    assert [hint.line for hint in hints] == [2], messages_of(draft)


CLIENT = ("verbose=1", "ip=0", "redirect=https://a.example", "callback=f", "img=1")
RECENT = {"distinct_id": "u", "time": samples.SECONDS, "$insert_id": "a"}
IDENTITY = {
    "event": "$identify",
    "properties": {"$identified_id": "a", "$anon_id": str(UUID(int=4, version=4))},
}


@pytest.mark.parametrize(
    "draft",
    [
        data_form("/track", {**EVENT, "properties": {"distinct_id": "u"}}, "verbose=1"),
        data_form("/track", {"event": "a", "properties": {}}, "ip=0", "img=1"),
        data_form("/engage", {"$distinct_id": "u", "$set": {"a": 1}}, "ip=0"),
        data_form("/groups", {"$group_key": "k", "$group_id": "g", "$set": {"a": 1}}),
        data_form(
            "/engage#profile-delete", {"$distinct_id": "u", "$delete": ""}, *CLIENT
        ),
        data_form("/import", {"event": "a", "properties": RECENT}, *CLIENT),
        data_row("/track", {"event": "a", "properties": {"token": "t"}}, *CLIENT),
        data_url("/track", {"event": "a", "properties": {"token": "t"}}, *CLIENT),
        data_row("/import", {"event": "a", "properties": RECENT}, encode=True),
        data_form("/track#create-identity", IDENTITY, encode=True),
        make_draft("GET", "query", "/query/cohorts/list"),
        make_draft("POST", "query", "/query/cohorts/list"),
        make_draft("GET", "query", "/query/events/properties/top"),
        make_draft("POST", "export", "", body="\n".join(EXPORT_DATES), kind="form"),
    ],
)
def test_what_official_clients_send_has_no_hint(draft: Draft) -> None:
    hints = [each.message for each in hints_of(draft) if each.severe]
    assert [each for each in hints if "deprecated" not in each] == []
