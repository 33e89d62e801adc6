"""The requirements of each family of Mixpanel endpoints: credentials, ids, bodies.

The rows are data in ``endpoints.toml`` next to this file; its header explains the keys
and names their sources. `find_endpoint` is total: an unknown path gets its server's
defaults, so anything can be sent.
"""

from __future__ import annotations

import pkgutil
import re
import tomllib
from enum import StrEnum
from functools import cache

from msgspec import Struct

from mixtui.mixpanel.apis import CredentialKind, Service
from mixtui.mixpanel.limits import Bucket
from mixtui.patterns import compile_late

INSERT_ID = "$insert_id"
"""The property that makes Mixpanel count an event once."""


class TokenPlace(StrEnum):
    """The location of the project token."""

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
        """Return whether it is part of the records in the body."""
        return self not in (TokenPlace.NONE, TokenPlace.QUERY)

    @property
    def record_field(self) -> str:
        """Return the path of the token in a record."""
        return "$token" if self is TokenPlace.RECORD else "properties.token"


class ProjectIdPlace(StrEnum):
    """The location of ``project_id`` with a service account."""

    NONE = "none"
    QUERY = "query"
    FORM = "form"


class Safety(StrEnum):
    """The effect of a request on the project's data."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    """Deletes or replaces, or is hard to undo."""

    @property
    def writes(self) -> bool:
        """Return whether it changes anything on the server."""
        return self is not Safety.READ


class Endpoint(Struct, frozen=True):
    """A family of endpoints with the same requirements."""

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
    """Whether it takes ``workspace_id`` as a query parameter."""
    body: str
    """The default body type (json, ndjson, form, csv); empty = none."""
    list_body: bool
    """Whether it takes a JSON list even for one record."""
    reads: frozenset[str]
    """The methods that change nothing."""
    bucket: Bucket
    """The limit that an undocumented request counts against."""
    timeout: float
    """Read timeout in seconds."""

    def safety(self, method: str) -> Safety:
        """Return the effect of a request with this method."""
        return Safety.READ if method in self.reads else Safety.WRITE

    @property
    def token_authenticates(self) -> bool:
        """Return whether the project token inside the payload is the credential."""
        return self.token in (TokenPlace.PROPERTIES, TokenPlace.RECORD)


def find_endpoint(service: Service, method: str, path: str) -> Endpoint:
    """Return the first matching row.

    Args:
        service: The server.
        method: The HTTP method.
        path: The full path on the official host, from ``/``, without query.
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
    table = tomllib.loads(read_data("endpoints.toml"))
    return tuple(_endpoint(row) for row in table["endpoint"])


def read_data(name: str) -> str:
    """Return the text of a file next to this one, which may be in an archive.

    Unlike `importlib.resources`, pkgutil loads no library of archives and compression.

    Args:
        name: Its path from here, with slashes.

    Raises:
        OSError: There is no such file.
    """
    data = pkgutil.get_data("mixtui.mixpanel", name)
    assert data is not None  # Every loader of Python can read files.
    return data.decode()


def _endpoint(row: dict[str, object]) -> Endpoint:
    credentials, methods = row.get("credentials", []), row.get("methods", [])
    assert isinstance(credentials, list)
    assert isinstance(methods, list)
    service = Service(str(row["service"]))
    reads = row.get("reads", [] if service is Service.INGESTION else ["GET"])
    assert isinstance(reads, list)
    return Endpoint(
        title=str(row["title"]),
        service=service,
        path=_pattern(str(row["path"])),
        methods=frozenset(methods),
        credentials=tuple(CredentialKind(kind) for kind in credentials),
        token=TokenPlace(str(row.get("token", "none"))),
        project_id=ProjectIdPlace(str(row.get("project_id", "none"))),
        workspace_id=bool(row.get("workspace_id", False)),
        body=str(row.get("body", "")),
        list_body=bool(row.get("list_body", False)),
        reads=frozenset(reads),
        bucket=Bucket(str(row.get("bucket", "none"))),
        timeout=float(str(row.get("timeout", 120))),
    )


def _pattern(path: str) -> re.Pattern[str]:
    """Compile a path: ``*`` matches one segment, ``**`` anything, a final slash is
    optional.
    """
    parts = re.split(r"(\*\*|\*)", path)
    kinds = {"**": ".*", "*": "[^/]+"}
    return compile_late(
        "".join(kinds.get(p) or re.escape(p) for p in parts) + "/?", re.DOTALL
    )
