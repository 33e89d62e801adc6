from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.model import ExtractedCredential, ImportedRequest
from mixtui.interchange.sniff import is_absolute_url, is_curl
from mixtui.mixpanel.apis import Api, CredentialKind, Region
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import InterchangeError
from mixtui.model.secrets import FromVariable, Secret
from mixtui.request.templates import escape_text

EVENTS = "https://eu.mixpanel.com/api/query/events"
TOKEN = "0123456789abcdef0123456789abcdef"


def draft_of(rest: str) -> Draft:
    return import_curl(f"curl {rest}").draft


def only_credential(imported: ImportedRequest) -> ExtractedCredential:
    (credential,) = imported.credentials
    return credential


def test_a_complete_command_is_imported() -> None:
    imported = import_curl(
        r"""
        $ curl --request GET \
          --url 'https://eu.mixpanel.com/api/query/events?project_id=12&event=%5B%22a%22%5D' \
          --header 'accept: application/json' \
          -u 'ci.1a2b3c.mp-service-account:geheim' | jq .
        """
    )
    assert imported.draft == Draft(
        method=Method.GET,
        api=Api.QUERY,
        url="/query/events",
        query=(Pair("project_id", "12"), Pair("event", '["a"]')),
        headers=(Pair("accept", "application/json"),),
    )
    assert (imported.region, imported.project_id) == (Region.EU, "12")
    assert only_credential(imported) == ExtractedCredential(
        CredentialKind.SERVICE_ACCOUNT,
        Secret("geheim"),
        "ci.1a2b3c.mp-service-account",
    )
    assert "geheim" not in repr(imported)


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        ("curl https://x", True),
        ("  $ curl\\\n x", False),
        ("% curl \\\n x", True),
        ("curl.exe x", True),
        ("curl", False),
        ("curly x", False),
        ("/curl x", False),
    ],
)
def test_a_curl_command_is_recognised_by_its_beginning(
    text: str, recognised: bool
) -> None:
    assert is_curl(text) is recognised


@pytest.mark.parametrize(
    ("text", "recognised"),
    [
        ("https://x/y?a=1", True),
        (" HTTP://x\n", True),
        ("/query/events", False),
        ("https://x y", False),
        ("see https://x", False),
    ],
)
def test_an_absolute_url_is_recognised(text: str, recognised: bool) -> None:
    assert is_absolute_url(text) is recognised


@pytest.mark.parametrize(
    ("rest", "method"),
    [
        ("", "GET"),
        ("-d a=1", "POST"),
        ("-G -d a=1", "GET"),
        ("--json '{}'", "POST"),
        ("-X put -d a=1", "PUT"),
        ("-sSXPATCH", "PATCH"),
        ("--request=DELETE", "DELETE"),
        ("-T x.csv", "PUT"),
        ("-X GET -X POST", "POST"),
    ],
)
def test_the_method_follows_the_options(rest: str, method: str) -> None:
    assert draft_of(f"{EVENTS} {rest}").method == method


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("rest", "type_", "text"),
    [
        ("-d a=1 -d 'b=x%20y+z'", "form", "a=1\nb=x y z"),
        ("--data-raw '@a=1'", "form", "@a=1"),
        ("--data-ascii a=1 --data-binary b=2", "form", "a=1\nb=2"),
        ("--data-urlencode 'a=x & y'", "form", "a=x & y"),
        ("--data-urlencode 'x=@y'", "form", "x=@y"),
        ("-d 'a=l1%0Al2'", "form", 'a="""\nl1\nl2\n"""'),
        ("-d '{\"a\": 1e400}'", "json", '{"a": 1e400}'),
        ("--json '{\"a\":' --json 1}", "json", '{"a":1}'),
        ("-H 'content-type: application/json' -d '{bad'", "json", "{bad"),
        ("-H 'Content-Type: application/x-ndjson' -d $'{}\\n{}'", "ndjson", "{}\n{}"),
        ("-H 'Content-Type: text/csv' -d a,b", "csv", "a,b"),
        ("-H 'Content-Type: application/xml' -d '<a/>'", "text", "<a/>"),
        ("-d plain", "text", "plain"),
        ("-d a=%ff", "text", "a=%ff"),
    ],
)
def test_the_content_type_decides_the_type_of_the_body(
    rest: str, type_: str, text: str
) -> None:
    draft = draft_of(f"-X POST {rest} {EVENTS}")
    assert draft.body == Body(BodyType(type_), text)


@pytest.mark.parametrize(
    ("rest", "headers"),
    [
        ("-d a=1", ()),
        ("--json '{}'", (("Accept", "application/json"),)),
        ("-d plain", (("Content-Type", FORM),)),
        (
            "-H 'Content-Type: application/json; charset=utf-8' -d '{}'",
            (("Content-Type", "application/json; charset=utf-8"),),
        ),
        ("-H 'X-A:  b ' -HX-C:d", (("X-A", "b"), ("X-C", "d"))),
        ("-H 'X-Empty;' -H 'Accept:'", (("X-Empty", ""),)),
        ("-H 'Host: x' -H 'Content-Length: 3'", ()),
        (
            "-A me -e https://r -r 0-9",
            (
                ("User-Agent", "me"),
                ("Referer", "https://r"),
                ("Range", "bytes=0-9"),
            ),
        ),
        ("--header=X:1", (("X", "1"),)),
    ],
)
def test_headers_are_rows(rest: str, headers: tuple[tuple[str, str], ...]) -> None:
    assert draft_of(f"{EVENTS} {rest}").headers == tuple(Pair(*h) for h in headers)


@pytest.mark.parametrize(
    ("rest", "note"),
    [
        ("-H 'Accept:'", "The command does not send Accept; mixtui sends Accept: */*."),
        (
            "-A ''",
            "The command does not send User-Agent; mixtui sends its own User-Agent.",
        ),
        ("-H 'user-agent:'", "mixtui sends its own User-Agent."),
        ("-e ''", "Neither the command nor mixtui sends Referer."),
        ("-H 'Expect:'", "Neither the command nor mixtui sends Expect."),
    ],
)
def test_a_header_that_the_command_removes_is_not_a_row(rest: str, note: str) -> None:
    imported = import_curl(f"curl {EVENTS} {rest}")
    assert not imported.draft.headers
    assert imported.notes[0].endswith(note)


def test_blanks_of_web_pages_in_a_header_are_normalized_and_reported() -> None:
    imported = import_curl(f"curl {EVENTS} -H 'X-A:\u00a0b\u00a0c' -H 'X-B: d'")
    assert imported.draft.headers == (Pair("X-A", "b c"), Pair("X-B", "d"))
    (note,) = imported.notes
    assert note.startswith("The header X-A contained U+00A0 (no-break space)")
    imported = import_curl(f"curl {EVENTS} -H 'Authorization: Bearer\u00a0abc'")
    assert only_credential(imported).secret == Secret("abc")


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("{“a”: 1}", "line 1, column 2: “ is a typographic quotation mark"),
        ('{"a":\u00a01}', "U+00A0 (no-break space) is not valid whitespace in JSON"),
        ("[1,]", "line 1, column 4"),
    ],
)
def test_a_body_that_is_not_json_is_named_with_the_place(body: str, note: str) -> None:
    imported = import_curl(f"curl {EVENTS} -X POST --json '{body}'")
    assert imported.notes[-1].startswith("The body is not JSON: ")
    assert note in imported.notes[-1]


def test_a_user_name_without_a_colon_is_reported_and_no_secret_of_a_service_account() -> (
    None
):
    imported = import_curl(f"curl {EVENTS} -u geheim")
    assert "-u does not have a colon" in imported.notes[-1]
    assert "geheim" not in " ".join(imported.notes)
    imported = import_curl(f"curl {EVENTS} -u ci.1.mp-service-account")
    assert not imported.credentials
    assert "curl would prompt" in imported.notes[-1]


def test_a_command_as_mixpanels_pages_print_it_is_imported() -> None:
    imported = import_curl(
        """curl --request POST \\
  --url https://{regionAndDomain}.com/api/query/engage \\
  --header 'Authorization: Basic <encoded-value>' \\
  --data 'distinct_id=<string>' \\
  --data project_id=<YOUR_PROJECT_ID>"""
    )
    assert imported.region is None
    assert imported.draft.body == Body(
        BodyType.FORM, "distinct_id=<string>\nproject_id={{project_id}}"
    )
    notes = " ".join(imported.notes)
    assert "does not determine the region" in notes
    assert "To be filled in: <string>." in notes
    assert "<YOUR_PROJECT_ID> was replaced by {{project_id}}" in notes


def test_a_cookie_is_disabled_and_loses_its_value() -> None:
    imported = import_curl(f"curl {EVENTS} -b 'session=geheim'")
    (row,) = imported.draft.headers
    assert row == Pair("Cookie", "{{env:MIXPANEL_COOKIE}}", enabled=False)
    assert "cookie" in " ".join(imported.notes)


def test_with_get_the_data_becomes_the_query(tmp_path: Path) -> None:
    imported = draft_of(f"-G {EVENTS}?a=1 -d b=2 --data-urlencode 'c=[\"x y\"]' -d d=")
    assert imported.query == (
        Pair("a", "1"),
        Pair("b", "2"),
        Pair("c", '["x y"]'),
        Pair("d", ""),
    )
    assert imported.body is None
    assert draft_of(f"{EVENTS} --url-query a=' '").query == (Pair("a", " "),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x y", "x%20y"),
        ("=x y", "x%20y"),
        ("n=x y", "n=x%20y"),
        ("@file.txt", "x%20y%26"),
        ("n@file.txt", "n=x%20y%26"),
    ],
)
def test_data_is_encoded_in_all_five_forms(
    value: str, text: str, tmp_path: Path
) -> None:
    (tmp_path / "file.txt").write_text("x y&")
    imported = import_curl(
        f"curl {EVENTS} -H 'Content-Type: text/x' --data-urlencode '{value}'",
        folder=tmp_path,
    )
    assert imported.draft.body == Body(BodyType.TEXT, text)


@pytest.mark.parametrize(
    "command",
    [
        "curl URL --data-binary @x.json",
        "curl -T x.json URL",
        "curl URL -d @- < x.json",
        "cat x.json | curl URL --data-binary @-",
        "cat < x.json | curl URL --json @-",
        "cat x.json | curl URL -T -",
    ],
)
def test_a_file_is_found_from_the_folder_of_the_command(
    command: str, tmp_path: Path
) -> None:
    assert is_curl(command)
    command = command.replace("URL", "https://api.mixpanel.com/import")
    imported = import_curl(command, folder=tmp_path)
    path = tmp_path / "x.json"
    assert imported.draft.body == Body(BodyType.FILE, path=str(path))
    assert imported.notes[-1] == f"The file {path} does not exist."
    path.touch()
    imported = import_curl(command, folder=tmp_path)
    assert not any("does not exist" in note for note in imported.notes)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sub/x.json", "FOLDER/sub/x.json"),
        ("/x.json", "/x.json"),
        ("'{{name}}.json'", "FOLDER/\\{{name}}.json"),
        ('"$NAME.json"', "{{env:NAME}}.json"),
        ('"sub/$NAME.json"', "FOLDER/sub/{{env:NAME}}.json"),
        ('"/data/$NAME.json"', "/data/{{env:NAME}}.json"),
    ],
)
def test_a_path_may_hold_variables_of_the_shell(
    path: str, expected: str, tmp_path: Path
) -> None:
    command = f"curl https://api.mixpanel.com/import --data-binary @{path}"
    body = import_curl(command, folder=tmp_path).draft.body
    assert body is not None
    assert body.path == expected.replace("FOLDER", str(tmp_path))


def test_certificates_are_named_with_their_place_and_without_a_password(
    tmp_path: Path,
) -> None:
    (tmp_path / "c.pem").touch()
    imported = import_curl(
        f"curl {EVENTS} --cacert ca.pem -E c.pem:geheim", folder=tmp_path
    )
    notes = " ".join(imported.notes)
    assert f'ca_file = "{tmp_path}/ca.pem"' in notes
    assert f"The file {tmp_path}/ca.pem does not exist." in notes
    assert f'client_certificate = "{tmp_path}/c.pem"' in notes
    assert "geheim" not in notes
    assert notes.count("does not exist") == 1


@pytest.mark.parametrize(
    ("feed", "option", "text"),
    [
        ("printf %s 'a b'", "--data-binary", "a b"),
        ("echo 'a b'", "--data-binary", "a b\n"),
        ("echo -n a", "--data-binary", "a"),
        ("echo 'a\nb'", "-d", "ab"),
        ("echo '{{x}}'", "-d", "{{x}}"),
    ],
)
def test_a_text_that_is_fed_to_curl_is_the_body(
    feed: str, option: str, text: str
) -> None:
    command = f"{feed} | curl {EVENTS} -H 'Content-Type: text/plain' {option} @-"
    assert is_curl(command)
    body = import_curl(command).draft.body
    assert body == Body(BodyType.TEXT, escape_text(text))


@pytest.mark.parametrize("option", ["-d", "--data-binary", "--data", "--json", "-d@"])
def test_a_file_is_a_body_from_a_file(option: str) -> None:
    name = "x.json" if option == "-d@" else " @x.json"
    draft = draft_of(f"https://api.mixpanel.com/import -X POST {option}{name}")
    assert draft.body == Body(BodyType.FILE, path=str(Path("x.json").absolute()))


def test_a_body_of_delete_is_sent() -> None:
    draft = draft_of(f"-X DELETE {EVENTS} --json '{{}}'")
    assert draft.sends_body


def test_a_body_of_get_is_kept_and_reported() -> None:
    imported = import_curl(f"curl -X GET {EVENTS} -d a=1")
    assert imported.draft.body is not None
    assert "it is kept, but not sent" in imported.notes[-1]


def test_ignored_options_are_named() -> None:
    imported = import_curl(
        f"curl -skLiv --compressed -o x -m 5 -x proxy --retry 3 -N {EVENTS} --no-buffer"
    )
    assert imported.notes == (
        "Options that mixtui does not need were skipped: -k -L -i -v -o -m -x --retry.",
    )


@pytest.mark.parametrize(
    ("rest", "kind", "username", "secret"),
    [
        (f"-u u:p {EVENTS}", "service_account", "u", "p"),
        (f"-uu:p:q {EVENTS}", "service_account", "u", "p:q"),
        (f"--user s: {EVENTS}", "project_secret", "", "s"),
        (f"-u s {EVENTS}", "project_secret", "", "s"),
        ("-u t https://api.mixpanel.com/track", "project_token", "", "t"),
        (f"-u 'u:{{{{p}}}}q' {EVENTS}", "service_account", "u", "{{p}}q"),
        (f"-H 'Authorization: Basic u:p' {EVENTS}", "service_account", "u", "p"),
        (f"-H 'Authorization: Basic s:' {EVENTS}", "project_secret", "", "s"),
        ("-u s: https://api.mixpanel.com/import", "project_secret", "", "s"),
        ("-u t: https://api.mixpanel.com/track", "project_token", "", "t"),
        (f"-H 'Authorization: Basic dTpw' {EVENTS}", "service_account", "u", "p"),
        (f"-H 'authorization: basic czo=' {EVENTS}", "project_secret", "", "s"),
        (f"-H 'Authorization: Bearer abc' {EVENTS}", "oauth", "", "abc"),
        (f"--oauth2-bearer abc {EVENTS}", "oauth", "", "abc"),
        ("https://u:p@mixpanel.com/api/app/me", "service_account", "u", "p"),
        (
            f"https://api.mixpanel.com/flags?token={TOKEN}",
            "project_token",
            "",
            TOKEN,
        ),
        (
            f"https://mixpanel.com/api/app/data-deletions/v3.0?token={TOKEN}",
            "project_token",
            "",
            TOKEN,
        ),
        (f"{EVENTS}?api_secret=s", "project_secret", "", "s"),
    ],
)
def test_a_credential_is_extracted_and_not_in_the_draft(
    rest: str, kind: str, username: str, secret: str
) -> None:
    imported = import_curl(f"curl {rest}")
    expected = ExtractedCredential(CredentialKind(kind), Secret(secret), username)
    assert only_credential(imported) == expected
    assert not imported.draft.headers
    assert not imported.draft.query


def test_a_variable_of_the_shell_stays_a_variable() -> None:
    imported = import_curl(f'curl {EVENTS} -u "ci:$MP_SECRET" -H "X-Trace: $TRACE"')
    assert only_credential(imported).secret == FromVariable("MP_SECRET")
    assert imported.draft.headers == (Pair("X-Trace", "{{env:TRACE}}"),)


@pytest.mark.parametrize(
    ("body", "remaining"),
    [
        (
            f'[{{"$token": "{TOKEN}", "$set": {{"n": 1.0}}}}]',
            '[{"$set": {"n": 1.0}}]',
        ),
        (f'{{"$set":{{}},"$token":"{TOKEN}" }}', '{"$set":{} }'),
        (f'[{{"$token":"{TOKEN}"}},{{"a":1}}]', '[{},{"a":1}]'),
    ],
)
def test_the_token_is_removed_from_profiles(body: str, remaining: str) -> None:
    imported = import_curl(f"curl https://api.mixpanel.com/engage --json '{body}'")
    assert imported.draft.body == Body(BodyType.JSON, remaining)
    assert only_credential(imported).secret == Secret(TOKEN)


def test_the_token_is_removed_from_events_and_forms() -> None:
    event = f'{{"event":"a","properties":{{"token":"{TOKEN}","n":1}}}}'
    remaining = '{"event":"a","properties":{"n":1}}'
    url = "https://api.mixpanel.com/track"
    for rest, text in (
        (f"--json '{event}'", remaining),
        (f"--data-urlencode 'data={event}'", f"data={remaining}"),
        (
            f"-H 'Content-Type: application/x-ndjson' -d $'{event}\\n{event}'",
            f"{remaining}\n{remaining}",
        ),
    ):
        imported = import_curl(f"curl {url} {rest}")
        assert imported.draft.body is not None
        assert imported.draft.body.text == text
        assert only_credential(imported).secret == Secret(TOKEN)


def test_a_token_in_records_of_a_query_becomes_a_template() -> None:
    event = f'{{"event":"a","properties":{{"token":"{TOKEN}"}}}}'
    imported = import_curl(
        f"curl -G https://api.mixpanel.com/track --data-urlencode 'data={event}'"
    )
    remaining = event.replace(TOKEN, "{{project_token}}")
    assert imported.draft.query == (Pair("data", remaining),)
    assert only_credential(imported).secret == Secret(TOKEN)


def test_records_in_base64_are_reported() -> None:
    imported = import_curl("curl https://api.mixpanel.com/track -d data=eyJhIjoxfQ==")
    assert "Base64" in imported.notes[-1]


def test_tokens_of_several_projects_stay_and_are_reported() -> None:
    body = '[{"$token":"a"},{"$token":"b"}]'
    imported = import_curl(f"curl https://api.mixpanel.com/engage --json '{body}'")
    assert imported.draft.body == Body(BodyType.JSON, body)
    assert not imported.credentials
    assert "several projects" in imported.notes[-1]


def test_records_with_braces_lose_their_token_and_nothing_else() -> None:
    body = f'[{{"$token":"{TOKEN}","$set":{{"a":"{{{{b}}}}"}}}}]'
    imported = import_curl(f"curl https://api.mixpanel.com/engage --json '{body}'")
    expected = r'[{"$set":{"a":"\{{b}}"}}]'
    assert imported.draft.body == Body(BodyType.JSON, expected)
    assert only_credential(imported).secret == Secret(TOKEN)


def test_a_token_in_braces_names_no_variable_of_this_machine() -> None:
    body = '[{"$token":"{{env:AWS_SECRET}}x","$set":{}}]'
    imported = import_curl(f"curl https://api.mixpanel.com/engage --json '{body}'")
    assert only_credential(imported).secret == Secret("{{env:AWS_SECRET}}x")


@pytest.mark.parametrize(
    "token", ["YOUR_TOKEN", "<token>", "{{token}}", "PROJECT_TOKEN"]
)
def test_a_placeholder_is_not_a_credential(token: str) -> None:
    body = f'[{{"$token":"{token}"}}]'
    imported = import_curl(f"curl https://api.mixpanel.com/engage --json '{body}'")
    assert not imported.credentials
    assert imported.draft.body == Body(BodyType.JSON, "[{}]")


def test_a_token_where_none_is_added_becomes_a_template() -> None:
    imported = import_curl(f"curl '{EVENTS}?token={TOKEN}'")
    assert imported.draft.query == (Pair("token", "{{project_token}}"),)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("wget https://mixpanel.com", "not a curl command"),
        ("curl -s", "does not contain a URL"),
        (f"curl {EVENTS} {EVENTS}", "2 URLs"),
        (f"curl {EVENTS} -F a=b", "multipart form"),
        (f"curl {EVENTS} -d @-", "standard input"),
        (f"curl {EVENTS} -d@", "standard input"),
        (f"curl {EVENTS} -d @a -d b=1", "combines a file"),
        (f"curl {EVENTS} -G -d @a", "become the query"),
        (f"curl {EVENTS} --data-urlencode a@-", "standard input"),
        (f"curl {EVENTS} --data-urlencode a@missing", "Cannot read"),
        (f"curl {EVENTS} --frobnicate", "--frobnicate"),
        (f"curl {EVENTS} -sW", "-W"),
        (f"curl {EVENTS} -H", "ends after -H"),
        (f"curl {EVENTS} -H @x", "from a file"),
        (f"curl {EVENTS} -X HEAD", "HEAD"),
        (f"curl {EVENTS} -I", "HEAD"),
        (f"curl {EVENTS} --next {EVENTS}", "second request"),
        (f"curl {EVENTS} --silent=1", "does not take a value:"),
        (f"gzip -c a | curl {EVENTS} -d @-", "Compress it once"),
        (f"sort a | curl {EVENTS} -d @-", "another program"),
        (f"echo a | curl {EVENTS} -T -", "uploads the output of another program"),
        ("curl https://example.com/x", "example.com"),
    ],
)
def test_what_cannot_be_imported_is_rejected_with_a_message(
    command: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InterchangeError, match=reason):
        import_curl(command, folder=tmp_path)


@given(st.text("-XHdGu@=: '\"$\\abc\n{}&#%", max_size=40))
def test_any_command_is_imported_or_rejected_with_a_message(rest: str) -> None:
    try:
        import_curl(f"curl {EVENTS} {rest}", folder=Path("/nonexistent"))
    except InterchangeError as error:
        assert str(error).endswith(".")
