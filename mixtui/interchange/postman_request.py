"""One request of a Postman collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mixtui.core.environments import Environment
from mixtui.core.requests import Body, Draft, Method, Options, Pair
from mixtui.interchange.foreign_templates import (
    translate_templates,
    without_variables_of_ours,
)
from mixtui.interchange.found import ImportedRequest
from mixtui.interchange.leaving_out import distinct, endpoint_of, strip_credentials
from mixtui.interchange.notes import Notes
from mixtui.interchange.openapi_words import shortened
from mixtui.interchange.postman_auth import Authentication, authentication
from mixtui.interchange.postman_body import body
from mixtui.interchange.postman_secrets import strip_secrets, with_project_tokens
from mixtui.interchange.postman_url import address, described, place
from mixtui.interchange.postman_variables import Variables, with_our_names
from mixtui.interchange.values import Value, mapping, mappings, plain, text

_LONGEST_DESCRIPTION = 400
_LONGEST_HELP = 120
_FROM_THE_REQUEST = (
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "postman-token",
)


@dataclass(frozen=True, slots=True)
class PostmanPosition:
    """Where an item stands, and what it inherits there."""

    folder: tuple[str, ...]
    variables: Variables
    auth: Value


def import_request(
    item: dict[str, Value],
    request: dict[str, Value],
    name: str,
    method: Method,
    here: PostmanPosition,
    environments: Sequence[Environment],
) -> ImportedRequest:
    """One request.

    Args:
        item: Around it.
        request: What is sent.
        name: What to call it.
        method: How it is sent.
        here: Where it stands.
        environments: Those whose own hosts are known beside Mixpanel's.

    Raises:
        InterchangeError: It leads to no place of Mixpanel's.
    """
    notes = Notes()
    variables = here.variables.inside(item.get("variable"))
    where = address(request.get("url"))
    located, region = place(where, variables, method, environments)
    filled, headers = body(
        request.get("body"), _headers(request.get("header"), notes), notes
    )
    filled, tokens = with_project_tokens(filled, variables)
    draft = Draft(
        name=name,
        description=_description(item, request, where.notes),
        method=method,
        api=located.api,
        url=located.url,
        query=(*located.query, *where.query),
        headers=headers,
        body=filled,
        options=_options(item, method, filled),
    )
    auth = authentication(
        inherited(request, here.auth), endpoint_of(draft), variables, notes
    )
    draft = _with_auth(draft, auth, variables)
    draft = without_variables_of_ours(draft, notes)
    draft = translate_templates(draft, lambda source: with_our_names(source, notes))
    done = strip_credentials(draft)
    draft = strip_secrets(done.draft, notes)
    for note in done.notes:
        notes.add(note)
    return ImportedRequest(
        draft,
        region=region,
        project_id=located.project_id,
        credentials=distinct(
            (
                *located.credentials,
                *auth.credentials,
                *tokens,
                *done.credentials,
            )
        ),
        notes=(*located.notes, *notes),
        environment=located.environment,
    )


def inherited(node: dict[str, Value], outer: Value) -> Value:
    """A folder's or request's own authentication, or the one around it."""
    auth = node.get("auth")
    named = text(mapping(auth).get("type"))
    return auth if named and named != "inherit" else outer


def _with_auth(draft: Draft, auth: Authentication, variables: Variables) -> Draft:
    """The draft with its authentication, and every credential as its own text, so that
    it can be taken out."""
    headers = tuple(
        replace(row, value=variables.filled(row.value))
        if row.name.strip().lower() == "authorization"
        else row
        for row in (*draft.headers, *auth.headers)
    )
    query = tuple(
        replace(row, value=variables.filled(row.value))
        if row.name in ("token", "api_secret")
        else row
        for row in (*draft.query, *auth.query)
    )
    return replace(
        draft,
        query=query,
        headers=headers,
        options=replace(draft.options, auth=auth.choice),
    )


def _headers(node: Value, notes: Notes) -> tuple[Pair, ...]:
    if isinstance(node, str):
        parts = (line.partition(":") for line in node.splitlines())
        rows = [Pair(n.strip(), v.strip()) for n, _, v in parts if n.strip()]
    else:
        rows = [
            Pair(
                plain(row.get("key")).strip(),
                plain(row.get("value")),
                row.get("disabled") is not True,
            )
            for row in mappings(node)
            if row.get("key")
        ]
    for row in rows:
        if row.name.lower() in _FROM_THE_REQUEST:
            notes.add(f"The header {row.name} is left out: it is set when it is sent.")
    return tuple(row for row in rows if row.name.lower() not in _FROM_THE_REQUEST)


def _options(item: dict[str, Value], method: Method, filled: Body | None) -> Options:
    behaviour = mapping(item.get("protocolProfileBehavior"))
    return Options(
        follow_redirects=behaviour.get("followRedirects") is not False,
        delete_body=method is Method.DELETE and filled is not None,
    )


def _description(
    item: dict[str, Value],
    request: dict[str, Value],
    rows: tuple[tuple[str, str], ...],
) -> str:
    own = described(request.get("description")) or described(item.get("description"))
    lines = [
        shortened(own, _LONGEST_DESCRIPTION),
        *(f"{name}: {shortened(words, _LONGEST_HELP)}" for name, words in rows),
    ]
    return "\n".join(line for line in lines if line)
