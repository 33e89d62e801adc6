"""What each family of Mixpanel endpoints takes: credentials, ids, bodies.

The rows are data, in ``endpoints.toml`` beside this file; its head explains the keys
and names their sources. `find` is total: an unknown path gets its server's defaults, so
anything can be sent.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from mixtui.mixpanel.apis import CredentialKind, Service
from mixtui.mixpanel.limits import Bucket

INSERT_ID = "$insert_id"
"""The property that makes Mixpanel count an event once."""


class TokenPlace(StrEnum):
    """Where the project token goes."""

    NONE = "none"
    PROPERTIES = "properties"
    """``properties.token`` of each event (/track)."""
    MERGE_EVENTS = "merge_events"
    """``properties.token`` of each ``$merge`` event (/import)."""
    RECORD = "record"
    """``$token`` of each record (/engage, /groups)."""
    QUERY = "query"
    """The query parameter ``token``."""

    @property
    def is_in_records(self) -> bool:
        """Whether it goes into records of the body."""
        return self not in (TokenPlace.NONE, TokenPlace.QUERY)

    @property
    def record_field(self) -> str:
        """The path of the token in a record."""
        return "$token" if self is TokenPlace.RECORD else "properties.token"


class ProjectIdPlace(StrEnum):
    """Where ``project_id`` goes when a service account authenticates."""

    NONE = "none"
    QUERY = "query"
    FORM = "form"


class Safety(StrEnum):
    """What a call does to the project's data."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    """Deletes or replaces, or is hard to undo."""

    @property
    def writes(self) -> bool:
        """Whether anything at the server is different afterwards."""
        return self is not Safety.READ


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One family of endpoints that take the same things."""

    title: str
    service: Service
    path: re.Pattern[str]
    methods: frozenset[str]
    """Empty = all."""
    credentials: tuple[CredentialKind, ...]
    """Accepted, best first."""
    token: TokenPlace
    project_id: ProjectIdPlace
    workspace_id: bool
    """Takes ``workspace_id`` as a query parameter."""
    body: str
    """The body type to suggest (json, ndjson, form, csv); empty = none."""
    list_body: bool
    """Takes a JSON list even for one record."""
    reads: bool
    """Only reads, even with POST."""
    bucket: Bucket
    """Which limit an undocumented call counts against."""
    timeout: float
    """Seconds without a response before giving up."""

    def safety(self, method: str) -> Safety:
        """Return what a call with this method does."""
        # Ingestion takes records in the query of a GET as well (pixel tracking).
        reads = method == "GET" and not self.token_authenticates
        return Safety.READ if reads or self._reads_by(method) else Safety.WRITE

    def _reads_by(self, method: str) -> bool:
        return self.reads and method == "POST"

    @property
    def token_authenticates(self) -> bool:
        """Whether the project token inside the payload is the credential."""
        return self.token in (TokenPlace.PROPERTIES, TokenPlace.RECORD)


def find_endpoint(service: Service, method: str, path: str) -> Endpoint:
    """Return the first row that fits.

    Args:
        service: The server.
        method: The HTTP method.
        path: The whole path on the official host, from ``/``, without query.
    """
    for endpoint in _table():
        if (
            endpoint.service is service
            and (not endpoint.methods or method in endpoint.methods)
            and endpoint.path.fullmatch(path)
        ):
            return endpoint
    raise AssertionError(f"endpoints.toml has no default row for {service}")


@cache
def _table() -> tuple[Endpoint, ...]:
    text = files(__package__).joinpath("endpoints.toml").read_text(encoding="utf-8")
    return tuple(_endpoint(row) for row in tomllib.loads(text)["endpoint"])


def _endpoint(row: dict[str, object]) -> Endpoint:
    credentials, methods = row.get("credentials", []), row.get("methods", [])
    assert isinstance(credentials, list)
    assert isinstance(methods, list)
    return Endpoint(
        title=str(row["title"]),
        service=Service(str(row["service"])),
        path=_pattern(str(row["path"])),
        methods=frozenset(methods),
        credentials=tuple(CredentialKind(kind) for kind in credentials),
        token=TokenPlace(str(row.get("token", "none"))),
        project_id=ProjectIdPlace(str(row.get("project_id", "none"))),
        workspace_id=bool(row.get("workspace_id", False)),
        body=str(row.get("body", "")),
        list_body=bool(row.get("list_body", False)),
        reads=bool(row.get("reads", False)),
        bucket=Bucket(str(row.get("bucket", "none"))),
        timeout=float(str(row.get("timeout", 120))),
    )


def _pattern(path: str) -> re.Pattern[str]:
    """``*`` stands for one segment, ``**`` for anything; a slash at the end is free."""
    parts = re.split(r"(\*\*|\*)", path)
    kinds = {"**": ".*", "*": "[^/]+"}
    return re.compile(
        "".join(kinds.get(p) or re.escape(p) for p in parts) + "/?", re.DOTALL
    )
