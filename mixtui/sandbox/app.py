"""The sandbox as an ASGI application: a stand-in for Mixpanel, region by region."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from mixtui.mixpanel.apis import Region
from mixtui.model.errors import SandboxError
from mixtui.sandbox import failures as failure_modes
from mixtui.sandbox.data import sample
from mixtui.sandbox.data.identity import HOME, Clock, system_clock
from mixtui.sandbox.data.store import Store
from mixtui.sandbox.failures import Drop, SimulatedFailure, Slow, Status, failure_of
from mixtui.sandbox.manage import (
    account,
    experiments,
    flags,
    gdpr,
    ingestion,
    lookup_tables,
    pipelines,
    schemas,
    warehouse,
)
from mixtui.sandbox.manage.annotations import ANNOTATIONS, create_tag, list_tags
from mixtui.sandbox.manage.experiments import EXPERIMENTS
from mixtui.sandbox.manage.flags import FLAGS
from mixtui.sandbox.manage.resource import Resource
from mixtui.sandbox.manage.warehouse import IMPORTS
from mixtui.sandbox.query import (
    events,
    export,
    funnels,
    insights,
    jql,
    profiles,
    query,
    retention,
    segmentation,
)
from mixtui.sandbox.query.query import QueryHandler, query_handler
from mixtui.sandbox.requests.errors import Family, Refusal, family_of
from mixtui.sandbox.requests.limits import Quota
from mixtui.sandbox.requests.request import (
    ApiRequest,
    Handler,
    Sessions,
    State,
    read_form,
)


class Endpoint(Struct, frozen=True):
    """One method of one path: ``{name}`` is a variable segment, ``{name:path}`` the
    rest.
    """

    method: str
    path: str
    handler: Handler
    family: Family


def endpoints() -> Iterator[Endpoint]:
    """Yield every endpoint; the first match handles a request."""
    for path, handler in _RECORDS:
        yield from _get_or_post(path, handler, Family.INGESTION)
    yield from _get_or_post("/flags", flags.evaluate, Family.APP)
    yield from _INGESTION
    for prefix in ("/api/query", "/api/2.0"):
        for path, query_function in _QUERIES:
            yield from _get_or_post(
                prefix + path, query_handler(query_function), Family.QUERY
            )
        yield from _get_or_post(f"{prefix}/engage", profiles.engage, Family.QUERY)
    yield from _get_or_post("/api/2.0/export", export.export, Family.QUERY)
    for path, handler in _PIPELINE_QUERIES:
        yield from _get_or_post(f"{_PIPELINE}{path}", handler, Family.APP)
    for path, handler in _PIPELINE_CHANGES:
        yield Endpoint("POST", f"{_PIPELINE}{path}", handler, Family.APP)
    for method, path, handler in _APP:
        yield Endpoint(method, f"/api/app{path}", handler, Family.APP)
    for method, path, handler in _MANAGEMENT:
        yield Endpoint(method, f"/api/app{path}", handler, Family.MANAGEMENT)


def _get_or_post(path: str, handler: Handler, family: Family) -> Iterator[Endpoint]:
    """Yield the endpoint of a path whose parameters may be in the query or the body."""
    for method in ("GET", "POST"):
        yield Endpoint(method, path, handler, family)


_RECORDS: tuple[tuple[str, Handler], ...] = (
    ("/import", ingestion.import_events),
    ("/track", ingestion.track),
    ("/engage", ingestion.change_users),
    ("/groups", ingestion.change_groups),
)
_INGESTION = (
    Endpoint("GET", "/lookup-tables", lookup_tables.list_tables, Family.INGESTION),
    Endpoint(
        "PUT", "/lookup-tables/{id}", lookup_tables.replace_table, Family.INGESTION
    ),
    Endpoint("GET", "/flags/definitions", flags.definitions, Family.APP),
)

_QUERIES: tuple[tuple[str, QueryHandler], ...] = (
    ("/insights", insights.insights),
    ("/funnels", funnels.funnel),
    ("/funnels/list", funnels.list_funnels),
    ("/retention", retention.retention),
    ("/retention/addiction", retention.addiction),
    ("/segmentation", segmentation.segmentation),
    ("/segmentation/numeric", segmentation.numeric),
    ("/segmentation/sum", segmentation.total),
    ("/segmentation/average", segmentation.average),
    ("/stream/query", profiles.activity),
    ("/cohorts/list", profiles.list_cohorts),
    ("/events", events.event_counts),
    ("/events/top", events.top_events),
    ("/events/names", events.event_names),
    ("/events/properties", events.property_counts),
    ("/events/properties/top", events.top_properties),
    ("/events/properties/values", events.top_values),
    ("/jql", jql.jql),
)

_PIPELINE = "/api/2.0/nessie/pipeline"
_PIPELINE_QUERIES: tuple[tuple[str, Handler], ...] = (
    ("/jobs", pipelines.list_jobs),
    ("/status", pipelines.status),
    ("/timeline", pipelines.timeline),
)
_PIPELINE_CHANGES: tuple[tuple[str, Handler], ...] = (
    ("/create", pipelines.create),
    ("/edit", pipelines.edit),
    ("/cancel", pipelines.cancel),
    ("/pause", pipelines.pause),
    ("/resume", pipelines.resume),
)


def _collection(path: str, resource: Resource) -> tuple[_AppEndpoint, ...]:
    return (("GET", path, resource.list_all), ("POST", path, resource.create))


def _items(path: str, resource: Resource) -> tuple[_AppEndpoint, ...]:
    return (
        ("GET", path, resource.get),
        ("PATCH", path, resource.update),
        ("DELETE", path, resource.delete),
    )


_AppEndpoint: TypeAlias = tuple[str, str, Handler]
_SCHEMAS = "/projects/{project}/schemas"
_SCHEMAS_OF_TYPE = f"{_SCHEMAS}/{{entity_type}}"
# A name may contain a slash: sent as %2F, it arrives decoded.
_SCHEMA = f"{_SCHEMAS_OF_TYPE}/{{name:path}}"
_ANNOTATIONS = "/projects/{project}/annotations"
_ANNOTATION = f"{_ANNOTATIONS}/{{annotation}}"
_ACCOUNTS = "/organizations/{organization}/service-accounts"
_IMPORTS = "/projects/{project}/warehouse-sources/imports"
_IMPORT = f"{_IMPORTS}/{{import}}"

_APP: tuple[_AppEndpoint, ...] = (
    ("GET", "/me", account.me),
    ("GET", "/projects/{project}/workspaces/public", account.list_workspaces),
    ("GET", _SCHEMAS, schemas.list_schemas),
    ("POST", _SCHEMAS, schemas.upload_schemas),
    ("DELETE", _SCHEMAS, schemas.delete_schemas),
    ("GET", _SCHEMAS_OF_TYPE, schemas.list_schemas),
    ("DELETE", _SCHEMAS_OF_TYPE, schemas.delete_schemas),
    ("GET", _SCHEMA, schemas.read_schema),
    ("POST", _SCHEMA, schemas.upload_schema),
    ("DELETE", _SCHEMA, schemas.delete_schemas),
    *_collection(_ANNOTATIONS, ANNOTATIONS),
    ("GET", f"{_ANNOTATIONS}/tags", list_tags),
    ("POST", f"{_ANNOTATIONS}/tags", create_tag),
    *_items(_ANNOTATION, ANNOTATIONS),
    ("GET", _ACCOUNTS, account.list_accounts),
    ("POST", _ACCOUNTS, account.create_account),
    ("POST", f"{_ACCOUNTS}/add-to-project", account.add_to_projects),
    (
        "POST",
        f"{_ACCOUNTS}/remove-from-project",
        account.remove_from_projects,
    ),
    ("GET", f"{_ACCOUNTS}/{{account}}", account.read_account),
    ("DELETE", f"{_ACCOUNTS}/{{account}}", account.delete_account),
    ("GET", "/projects/{project}/service-accounts", account.list_members),
    ("GET", _IMPORTS, IMPORTS.list_all),
    ("POST", f"{_IMPORTS}/{{kind}}", IMPORTS.create),
    *_items(_IMPORT, IMPORTS),
    ("PUT", f"{_IMPORT}/manual-sync", warehouse.run_import),
    ("GET", f"{_IMPORT}/history", warehouse.history),
    ("POST", "/data-retrievals/v3.0", gdpr.create_retrieval),
    ("GET", "/data-retrievals/v3.0/{job}", gdpr.read_retrieval),
    ("POST", "/data-deletions/v3.0", gdpr.create_deletion),
    ("GET", "/data-deletions/v3.0/{job}", gdpr.read_deletion),
    ("DELETE", "/data-deletions/v3.0/{job}", gdpr.cancel_deletion),
)

_FLAGS = "/projects/{project}/workspaces/{workspace}/feature-flags"
_FLAG = f"{_FLAGS}/{{flag}}"
_EXPERIMENTS = "/workspaces/{workspace}/experiments"
_EXPERIMENT = f"{_EXPERIMENTS}/{{experiment}}"

_MANAGEMENT: tuple[_AppEndpoint, ...] = (
    *_collection(_FLAGS, FLAGS),
    ("GET", _FLAG, FLAGS.get),
    ("PUT", _FLAG, FLAGS.update),
    ("DELETE", _FLAG, flags.delete_flag),
    *_collection(_EXPERIMENTS, EXPERIMENTS),
    *_items(_EXPERIMENT, EXPERIMENTS),
    ("POST", f"{_EXPERIMENT}/archive", experiments.archive),
    ("DELETE", f"{_EXPERIMENT}/archive", experiments.unarchive),
    ("PATCH", f"{_EXPERIMENT}/decide", experiments.decide),
    ("PUT", f"{_EXPERIMENT}/force_conclude", experiments.force_conclude),
    ("PUT", f"{_EXPERIMENT}/launch", experiments.launch),
)


QUERIES_PER_HOUR = 60
"""Mixpanel's own limit, for queries and for exports, each."""
HOUR = 3600.0


def open_state(
    data_dir: Path | None = None,
    *,
    queries_per_hour: int = QUERIES_PER_HOUR,
    clock: Clock = system_clock,
    with_sample: bool = True,
) -> State:
    """Open the state of a sandbox; closes its store at the end.

    Args:
        data_dir: The folder of the database; None = in memory.
        queries_per_hour: The limit for queries and for exports, each.
        clock: Returns the time.
        with_sample: Whether to fill an empty store with the sample shop.

    Raises:
        SandboxError: The folder cannot be used.
    """
    store = Store(data_dir)
    if with_sample:
        try:
            sample.fill(store, clock())
        except sqlite3.Error as error:
            store.close()
            raise SandboxError(
                f"The sandbox cannot store its data in {data_dir} ({error}): choose "
                "another folder, or omit --data to keep it in memory."
            ) from None
    return State(
        store=store,
        clock=clock,
        queries=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=query.MAX_CONCURRENT_QUERIES,
        ),
        exports=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=export.MAX_CONCURRENT_EXPORTS,
        ),
        replacements=Quota(
            clock,
            limit=lookup_tables.MAX_CALLS_PER_DAY,
            seconds=24 * HOUR,
            concurrent=lookup_tables.MAX_CALLS_PER_DAY,
        ),
        sessions=Sessions(),
    )


class SandboxApp:
    """Dispatches a request to the handler of its endpoint in a worker thread."""

    def __init__(self, state: State, failures: Sequence[SimulatedFailure] = ()) -> None:
        """Serve `state`; requests that match one of `failures` fail as configured."""
        self._state = state
        self._failures = failures
        self._routes = [
            (Route(endpoint.path, _never_called, methods=[endpoint.method]), endpoint)
            for endpoint in endpoints()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        scope, region = _split_region(_strip_slashes(scope))
        request = Request(scope, receive)
        failure = failure_of(self._failures, scope["path"])
        try:
            if isinstance(failure, Status):
                response = await self._fail(scope, request, failure)
            else:
                response = await self._respond(scope, request, region)
        except ClientDisconnect:
            # The client has disconnected: nobody waits for a response.
            return
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["Server"] = "mixtui-sandbox"
        match failure:
            case Slow():
                await failure_modes.send_slowly(response, failure, scope, receive, send)
            case Drop():
                await failure_modes.send_half(response, scope, receive, send)
            case _:
                await response(scope, receive, send)

    async def _fail(self, scope: Scope, request: Request, failure: Status) -> Response:
        """Read the request, ignore it, and return the failure."""
        await request.body()
        try:
            family = self._find_endpoint(scope)[0].family
        except Refusal:
            family = family_of(scope["path"])
        target = _target(scope)
        return failure_modes.make_refusal(failure.code, family, target).response(
            family, target
        )

    async def _respond(
        self, scope: Scope, request: Request, region: Region
    ) -> Response:
        target = _target(scope)
        family = family_of(scope["path"])
        try:
            endpoint, parts = self._find_endpoint(scope)
            family = endpoint.family
            content = await request.body()

            def handle() -> Response:
                api_request = ApiRequest(
                    method=request.method,
                    path=scope["path"],
                    target=target,
                    parts=parts,
                    query=request.query_params,
                    form=read_form(request.headers, content),
                    headers=request.headers,
                    content=content,
                    region=region,
                    state=self._state,
                )
                return endpoint.handler(api_request)

            return await run_in_threadpool(handle)
        except Refusal as refusal:
            return refusal.response(family, target)

    def _find_endpoint(self, scope: Scope) -> tuple[Endpoint, Mapping[str, str]]:
        has_other_method = False
        for route, endpoint in self._routes:
            match, child = route.matches(scope)
            if match is Match.FULL and endpoint.method == scope["method"]:
                return endpoint, child["path_params"]
            has_other_method = has_other_method or match is not Match.NONE
        if has_other_method:
            raise Refusal(405, f"Method {scope['method']} is not allowed here")
        raise Refusal(404, f"Not found: {scope['path']}")


def _strip_slashes(scope: Scope) -> Scope:
    """Return the request without trailing slashes, which some clients send.

    An encoded one (``%2F``) is part of a name.
    """
    path, raw = scope["path"], scope["raw_path"]
    count = len(raw) - len(raw.rstrip(b"/"))
    if count in (0, len(raw)):
        return scope
    return {**scope, "path": path[:-count], "raw_path": raw[:-count]}


def _split_region(scope: Scope) -> tuple[Scope, Region]:
    """Return the request without the region prefix, and the region (default `HOME`)."""
    for region in Region:
        prefix = f"/{region}"
        if region is not HOME and scope["path"].startswith(f"{prefix}/"):
            path = scope["path"].removeprefix(prefix)
            raw = scope["raw_path"].removeprefix(prefix.encode())
            return {**scope, "path": path, "raw_path": raw}, region
    return scope, HOME


def _target(scope: Scope) -> str:
    path: str = scope["raw_path"].decode("latin-1")
    query: str = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _never_called(request: Request) -> Response:
    raise AssertionError("the routes only match; SandboxApp responds")
