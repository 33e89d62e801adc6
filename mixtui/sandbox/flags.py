"""``/flags``: evaluation of the sample feature flags.

https://developer.mixpanel.com/reference/feature-flags-api
"""

from __future__ import annotations

import hashlib

from starlette.responses import Response

from mixtui.mixpanel.credentials import CredentialKind
from mixtui.sandbox import documents
from mixtui.sandbox.authentication import ingestion_project
from mixtui.sandbox.call import Call, answer
from mixtui.sandbox.documents import Kind
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.identity import Project
from mixtui.sandbox.json_text import Json, JsonObject, parse

_ACCEPTED = (CredentialKind.PROJECT_SECRET, CredentialKind.PROJECT_TOKEN)


def evaluate(call: Call) -> Response:
    """GET /flags: the variants for one user; the same user gets the same ones."""
    project = ingestion_project(call, *_ACCEPTED)
    identifier = _distinct_id(call.query.get("context", ""))
    flags: JsonObject = {}
    for flag in _flags(call, project):
        variant = _variant(flag, identifier)
        flags[str(flag["key"])] = {
            "variant_key": variant["key"],
            "variant_value": variant["value"],
        }
    return answer({"flags": flags})


def definitions(call: Call) -> Response:
    """GET /flags/definitions."""
    project = ingestion_project(call, *_ACCEPTED)
    rows: list[Json] = []
    rows += _flags(call, project)
    return answer({"flags": rows})


def _flags(call: Call, project: Project | None) -> list[JsonObject]:
    if project is None:
        return []
    return documents.read_all(call.store, project.id, Kind.FLAG)


def _distinct_id(text: str) -> str:
    try:
        context = parse(text)
    except ValueError:
        raise Refusal(400, "context must be a JSON object") from None
    identifier = context.get("distinct_id") if isinstance(context, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise Refusal(400, "context must hold a distinct_id")
    return identifier


def _variant(flag: JsonObject, distinct_id: str) -> JsonObject:
    ruleset = flag["ruleset"]
    assert isinstance(ruleset, dict)
    variants = ruleset["variants"]
    assert isinstance(variants, list)
    digest = hashlib.sha256(f"{flag['key']}/{distinct_id}".encode()).digest()
    variant = variants[digest[0] % len(variants)]
    assert isinstance(variant, dict)
    return variant
