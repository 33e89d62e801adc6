"""Lookup tables: list them, and replace one by a CSV file.

https://developer.mixpanel.com/reference/lookup-tables
"""

from __future__ import annotations

import csv
import io

from starlette.responses import Response

from mixtui.mixpanel.apis import CredentialKind
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.json_text import Json
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.requests.authentication import ingestion_project
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import ApiRequest, json_response

MAX_BYTES = 100 * 1024 * 1024
MAX_REPORTED = 10
MAX_CALLS_PER_DAY = 100


def list_tables(request: ApiRequest) -> Response:
    """GET /lookup-tables."""
    project = ingestion_project(request)
    tables: list[Json] = []
    if project is not None:
        tables += [
            {"id": table["id"], "name": table["name"]}
            for table in documents.read_all(
                request.store, project.id, Kind.LOOKUP_TABLE
            )
        ]
    return json_response({"code": 200, "status": "OK", "results": tables})


def replace_table(request: ApiRequest) -> Response:
    """PUT /lookup-tables/{id}: store the entire file, or nothing."""
    project = ingestion_project(request, CredentialKind.PROJECT_SECRET)
    identifier = request.parts["id"]
    table = None
    if project is not None:
        table = documents.read(request.store, project.id, Kind.LOOKUP_TABLE, identifier)
    if project is None or table is None:
        # Mixpanel's sample response also contains 200 inside a 404.
        raise Refusal(
            404,
            f"Lookup table with id '{identifier}' was not found.",
            extra={"code": 200},
        )
    with request.state.replacements.use(project.id):
        text = _text(request.body(MAX_BYTES))
        rows, failed = _check(text)
        if failed:
            raise Refusal(
                400,
                "Some data points in the request failed validation.",
                extra={"failed_records": failed[:MAX_REPORTED]},
            )
        documents.write(
            request.store,
            project.id,
            Kind.LOOKUP_TABLE,
            identifier,
            {**table, "csv": text, "rows": rows},
        )
    return json_response({"code": 200, "status": "OK"})


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(400, "the body must be CSV in UTF-8") from None


def _check(text: str) -> tuple[int, list[Json]]:
    """Return the number of rows below the header, and their errors."""
    failed: list[Json] = []
    seen: set[str] = set()
    width = index = 0
    try:
        for index, row in enumerate(csv.reader(io.StringIO(text), strict=True)):
            width = width or len(row)
            if message := _problem(row, width, seen):
                failed.append({"index": index, "message": message})
    except csv.Error as error:
        failed.append({"index": index + 1, "message": f"invalid row: {error}"})
    if width == 0:
        failed.append({"index": 0, "message": "a header row is required"})
    return index, failed


def _problem(row: list[str], width: int, seen: set[str]) -> str:
    if len(row) != width:
        return "invalid row: wrong number of fields"
    if not row or not row[0].strip():
        return "primary key is required and cannot be blank"
    if row[0] in seen:
        return f"primary key must be unique: {row[0]}"
    seen.add(row[0])
    return ""
