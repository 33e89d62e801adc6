"""Hints about the body: drafts with a mistake, and the closest ones without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.hints import find_hints
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Options
from tests.hints.samples import (
    ENVIRONMENT,
    SECONDS,
    hints_of,
    make_draft,
    messages_of,
    values,
)

DAY = 86400


def event(**properties: object) -> dict[str, object]:
    """Make a valid event with other properties; ... removes one."""
    defaults = {"time": SECONDS, "distinct_id": "u", "$insert_id": "a-1"}
    changed = {k.replace("insert_id", "$insert_id"): v for k, v in properties.items()}
    merged = {k: v for k, v in {**defaults, **changed}.items() if v is not ...}
    return {"event": "Sign up", "properties": merged}


def importing(*records: object, kind: str = "json", text: str = "") -> Draft:
    body = text or json.dumps(list(records), indent=1)
    return make_draft("POST", "ingestion", "/import", "strict=1", body=body, kind=kind)


def tracking(*records: object) -> Draft:
    return make_draft("POST", "ingestion", "/track", body=json.dumps(list(records)))


def engaging(fragment: str, *records: object) -> Draft:
    url = f"/engage#{fragment}" if fragment else "/engage"
    return make_draft("POST", "ingestion", url, "ip=0", body=json.dumps(list(records)))


def grouping(*records: object) -> Draft:
    return make_draft(
        "POST",
        "ingestion",
        "/groups#group-batch-update",
        "ip=0",
        body=json.dumps(list(records)),
    )


def deleting(*test_id: object) -> Draft:
    body = json.dumps({"distinct_ids": list(test_id), "compliance_type": "GDPR"})
    return make_draft("POST", "app", "/data-deletions/v3.0", body=body)


def table(text: str) -> Draft:
    return make_draft("PUT", "ingestion", "/lookup-tables/7", body=text, kind="csv")


def form(url: str, text: str, api: str = "query") -> Draft:
    return make_draft("POST", api, url, body=text, kind="form")


def annotating(text: str) -> Draft:
    return make_draft("POST", "app", "/projects/1/annotations", body=text)


def schemas(*entries: object) -> Draft:
    body = json.dumps({"entries": list(entries)})
    return make_draft("POST", "lexicon", "/1/schemas", body=body)


MERGE = {"event": "$merge", "properties": {"$distinct_ids": ["a", "b"]}}
SET = {"$distinct_id": "u", "$set": {"a": 1}}
ADD = {"$distinct_id": "u", "$add": {"a": 1}}
ENTRY = {"entityType": "event", "name": "a", "schemaJson": {}}
PIPE = "type=s3-raw\nfrom_date=2026-11-01\ns3_bucket=b\ns3_region=r\ns3_role=r"

MISTAKES = [
    (importing({**event(), "event": ""}), "event is empty"),
    (importing({"properties": event()["properties"]}), "event is missing"),
    (importing({"event": "a"}), "properties is missing"),
    (importing({**event(), "event": ["a"]}), "event is a list, but must be text"),
    (importing(event(time=...)), "properties.time is missing"),
    (
        replace(importing(event(insert_id=...)), options=Options(insert_ids=False)),
        "properties.$insert_id is missing",
    ),
    (importing(event(time=str(SECONDS))), "time must be a number"),
    (importing(event(time=SECONDS + 3700)), "more than an hour in the future"),
    (importing(event(time=(SECONDS + 3700) * 1000)), "more than an hour in the future"),
    (importing(event(time=1000)), "before 1971"),
    (importing(event(time=SECONDS * 10**6)), "time is in microseconds"),
    (tracking(event(time=SECONDS * 10**9)), "time is in nanoseconds"),
    (tracking(event(time=SECONDS - 6 * DAY)), "more than 5 days ago"),
    (importing(event(insert_id="x" * 37)), "$insert_id is 37 bytes"),
    (importing(event(insert_id="a:1")), "$insert_id contains “:”"),
    (importing(event(insert_id="undefined")), "$insert_id is “undefined”"),
    (importing(event(distinct_id="null")), "distinct_id is “null”"),
    (
        importing(event(distinct_id="00000000-0000-0000-0000-000000000000")),
        "rejects as an id",
    ),
    (importing({**event(), "properties": {str(n): n for n in range(300)}}), "300"),
    (importing(event(x="y" * 1_000_001)), "larger than 1 MB"),
    (importing(1), "it is a number, but must be an object"),
    (importing(event(), MERGE), "$merge and other events"),
    (importing({"event": "$merge", "properties": {"$distinct_ids": ["a"]}}), "1 ids"),
    (importing(*[event()] * 2001), "The body has 2,001 records"),
    (
        importing(event(), text=json.dumps(event()) + "\n" + json.dumps(event())),
        "The body is JSON lines",
    ),
    (importing(event(), kind="ndjson"), "The body is one JSON document"),
    (importing(kind="csv", text="a,b\n1,2"), "needs a body of type json or ndjson"),
    (
        importing(kind="ndjson", text=json.dumps({"event": "a"})),
        "properties is missing",
    ),
    (engaging("profile-unset", SET), "contains $set, but #profile-unset stands for"),
    (engaging("profile-set", SET, ADD), "Record 2: it contains $add"),
    (engaging("", {**SET, **ADD}), "$set and $add are in one record"),
    (engaging("profile-set", {"$set": {}}), "$distinct_id is missing"),
    (engaging("profile-set", {"$distinct_id": "u"}), "$set is missing"),
    (engaging("profile-set", {"$distinctid": "u", "$set": {}}), "mean $distinct_id?"),
    (engaging("profile-set", {"$distinct_id": "u", "$set": [1]}), "$set is a list"),
    (engaging("profile-batch-update", {"$distinct_id": "u"}), "it changes nothing"),
    (engaging("profile-batch-update", {"$set": {}}), "$distinct_id is missing"),
    (grouping({"$group_key": "company", "$set": {}}), "$group_id is missing"),
    (deleting(*range(2001)), "The body has 2,001 ids"),
    (table("1,free\n2,pro\n"), "The first row contains values"),
    (table('[{"id": 1, "plan": "free"}]'), "This looks like JSON"),
    (table("id,\n1,free\n"), "A column has no name"),
    (table("id,id\n1,free\n"), "the same name"),
    (table("id,plan\n1,free\n1,pro\n"), "is also in line 2"),
    (table("id,plan\n1\n"), "has 1 cells"),
    (form("/query/jql", "scrip=main()"), "did you mean script?"),
    (form("/query/jql", "params={}"), "The field script is missing"),
    (form("/query/jql", "script=\n"), "script is empty"),
    (form("/query/jql", "script=a\nparams=a"), "must be a JSON object"),
    (form("/query/jql", "script=a\nscript=b"), "is a duplicate"),
    (form("/query/engage", "page=one"), "page is one, but it must be an integer"),
    (form("/query/engage", "output_properties=$email"), "must be a JSON list"),
    (form("/pipeline/create", "type=s3", "pipelines"), "must be one of gcs-raw"),
    (form("/pipeline/create", "type=s3-raw", "pipelines"), "from_date is missing"),
    (
        form("/pipeline/create", PIPE.replace("2026-11-01", "2026-01-01"), "pipelines"),
        "six months ago",
    ),
    (annotating('{"date": "2026-11-01 00:00:00"}'), "description is missing"),
    (
        annotating('{"date": "2026-11-01 00:00:00", "descripton": "a"}'),
        "did you mean description?",
    ),
    (annotating("[]"), "needs a single JSON object"),
    (make_draft("POST", "app", "/projects/1/annotations"), "needs a body of type json"),
    (
        make_draft("POST", "app", "/projects/1/annotations", body="a=b", kind="form"),
        "needs a body of type json, not form",
    ),
    (schemas({**ENTRY, "entityType": "events"}), "entries[].entityType must be one of"),
    (schemas({"entityType": "event", "schemaJson": {}}), "entries[].name is missing"),
    (
        schemas({**ENTRY, "schemaJson": "{}"}),
        "schemaJson is text, but must be an object",
    ),
    (
        make_draft(
            "DELETE",
            "app",
            "/projects/1/warehouse-sources/imports/7",
            body='{"delete_data": false}',
        ),
        "This body is not sent",
    ),
    (
        make_draft(
            "DELETE",
            "app",
            "/projects/1/warehouse-sources/imports/7",
            body='{"delete_data": "true"}',
            options=Options(delete_body=True),
        ),
        "must be true or false, without quotes",
    ),
]
VALID = [
    importing(event()),
    importing(event(insert_id=...)),
    importing(text=json.dumps(event())),
    importing(*[event()] * 2000),
    importing(event(time=SECONDS * 1000)),
    importing(event(time=SECONDS + 3500)),
    importing(event(time=365 * DAY)),
    importing(event(time=SECONDS - 300 * DAY)),
    importing(event(insert_id="x" * 36, distinct_id=7)),
    importing(
        text='[{"event": "a", "properties": {"time": {{now}}, "distinct_id": '
        '"u", "$insert_id": "{{uuid}}"}}]'
    ),
    importing(kind="ndjson", text=json.dumps(event()) + "\n\n" + json.dumps(event())),
    importing(MERGE),
    tracking(event(time=SECONDS - 4 * DAY)),
    tracking({"event": "a", "properties": {}}),
    engaging("profile-set", SET),
    engaging("profile-unset", {"$distinct_id": "u", "$unset": ["a"]}),
    make_draft(
        "POST",
        "ingestion",
        "/engage#profile-delete",
        body='[{"$distinct_id": "u", "$delete": ""}]',
    ),
    engaging("", SET, ADD),
    engaging("profile-batch-update", SET, ADD),
    grouping({"$group_key": "company", "$group_id": "a", "$set": {}}),
    deleting(*[str(n) for n in range(2000)]),
    table('id,plan\n1,free\n2,"pro\nplus"\n'),
    form("/query/engage", "where=true\npage=1\nsession_id=a"),
    form("/query/engage", 'output_properties=["$email"]'),
    make_draft("POST", "query", "/query/engage", body='{"page": 0}'),
    annotating('{"date": "2026-11-01 00:00:00", "description": "a", "owner": 1}'),
    schemas(ENTRY),
    make_draft("POST", "query", "/query/cohorts/list"),
]


def case_id(value: object) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("draft", "message"), MISTAKES, ids=case_id)
def test_a_mistake_gives_a_hint(draft: Draft, message: str) -> None:
    assert any(message in each for each in messages_of(draft)), messages_of(draft)


@pytest.mark.parametrize("draft", VALID, ids=case_id)
def test_a_valid_draft_has_no_hint(draft: Draft) -> None:
    assert [e for e in messages_of(draft) if "deprecated" not in e] == []


def test_a_hint_names_the_line_of_the_mistake() -> None:
    draft = importing(event(), event(insert_id="a:1"))
    (hint,) = hints_of(draft)
    assert hint.message.startswith("Record 2: $insert_id")
    assert hint.line is not None
    assert draft.body is not None
    assert '"a:1"' in draft.body.text.split("\n")[hint.line - 1]


def test_a_rule_gives_one_hint_with_its_count() -> None:
    (hint,) = hints_of(importing(event(), *[event(time="x")] * 3))
    assert hint.message.startswith("Record 2: time must be a number")
    assert hint.message.endswith("(and 2 other records).")


@pytest.mark.parametrize(
    ("draft", "corrected"),
    [
        (
            importing(kind="json", text='{"event": "$merge"}\n{"event": "$merge"}'),
            ("ndjson", "/import"),
        ),
        (importing(event(), kind="ndjson"), ("json", "/import")),
        (engaging("profile-unset", SET, SET), ("json", "/engage#profile-set")),
    ],
)
def test_type_and_fragment_are_corrected(
    draft: Draft, corrected: tuple[str, str]
) -> None:
    suggestion = next(s for e in hints_of(draft) if (s := e.suggestion))
    assert suggestion.body is not None
    assert (suggestion.body.type.value, suggestion.url) == corrected


def test_a_misspelt_key_is_renamed_in_the_text() -> None:
    draft = engaging("profile-set", {"$distinctid": "u", "$set": {}})
    (hint,) = hints_of(draft)
    assert hint.suggestion is not None
    assert hint.suggestion.body is not None
    assert '"$distinct_id": "u"' in hint.suggestion.body.text
    assert hints_of(hint.suggestion) == ()


def test_the_body_of_a_delete_is_switched_on() -> None:
    url = "/projects/1/warehouse-sources/imports/7"
    (hint,) = hints_of(make_draft("DELETE", "app", url, body='{"delete_data": true}'))
    assert hint.suggestion is not None
    assert hints_of(hint.suggestion) == ()


def test_a_token_that_the_app_adds_is_not_missing() -> None:
    assert not any(
        "token" in each for each in messages_of(engaging("profile-set", SET))
    )


def test_of_a_file_only_the_size_is_checked(tmp_path: Path) -> None:
    with (tmp_path / "events.ndjson").open("wb") as file:
        file.truncate(10_000_001)
    body = Body(BodyType.FILE, path="events.ndjson")
    draft = Draft(method=Method.POST, api=Api.INGESTION, url="/track", body=body)
    hints = find_hints(draft, ENVIRONMENT, values=values(), folder=tmp_path)
    assert [each.message for each in hints] == [
        "The body is 10 MB, and Mixpanel accepts 10 MB per request: split it."
    ]
    assert hints_of(draft) == ()


def test_no_message_contains_a_secret() -> None:
    draft = form("/query/engage", "page={{env:WORD}}")
    messages = messages_of(draft)
    assert "page is ••••••, but it must be an integer." in messages
    assert not any("hush" in each for each in messages)


@pytest.mark.parametrize(
    ("anonymous_id", "is_valid"),
    [
        ('"f4d2c1b0-9a3e-4c5d-8b7a-6e5f4d3c2b1a"', True),
        ('"F4D2C1B0-9A3E-4C5D-8B7A-6E5F4D3C2B1A"', True),
        ('"browser-7f3a"', False),
        ('"f4d2c1b0-9a3e-1c5d-8b7a-6e5f4d3c2b1a"', False),
        ('"f4d2c1b0-9a3e-4c5d-cb7a-6e5f4d3c2b1a"', False),
        ("7", False),
        ("null", False),
    ],
)
def test_an_anonymous_id_that_is_not_a_uuid_4_has_a_hint(
    anonymous_id: str, is_valid: bool
) -> None:
    event = (
        '{"event": "$identify", "properties": '
        f'{{"$identified_id": "ada", "$anon_id": {anonymous_id}}}}}'
    )
    draft = form("/track#create-identity", f"data={event}", "ingestion")
    hints = [hint.message for hint in find_hints(draft, ENVIRONMENT, values=values())]
    assert any("must be a UUID v4" in hint for hint in hints) is not is_valid
