"""The sandbox as an ASGI application: a stand-in for Mixpanel, region by region."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from mixtui.mixpanel.apis import Region
from mixtui.model.errors import SandboxError
from mixtui.sandbox import failures as failing
from mixtui.sandbox.calls.call import ApiCall, Handler, Sessions, State
from mixtui.sandbox.calls.errors import Family, Refusal, family_of
from mixtui.sandbox.calls.limits import Quota
from mixtui.sandbox.data import sample
from mixtui.sandbox.data.identity import HOME, Clock, system_clock
from mixtui.sandbox.data.store import Store
from mixtui.sandbox.failures import Drop, Failure, Slow, Status, failure_of
from mixtui.sandbox.manage import account as app_account
from mixtui.sandbox.manage import account as app_service_accounts
from mixtui.sandbox.manage import experiments as app_experiments
from mixtui.sandbox.manage import flags, pipelines, warehouse
from mixtui.sandbox.manage import flags as app_flags
from mixtui.sandbox.manage import gdpr as app_gdpr
from mixtui.sandbox.manage import ingestion as ingestion_events
from mixtui.sandbox.manage import ingestion as ingestion_profiles
from mixtui.sandbox.manage import lexicon as app_annotations
from mixtui.sandbox.manage import lexicon as app_schemas
from mixtui.sandbox.manage import warehouse as lookup_tables
from mixtui.sandbox.query import events as query_events
from mixtui.sandbox.query import export, query
from mixtui.sandbox.query import funnels as query_funnels
from mixtui.sandbox.query import insights as query_insights
from mixtui.sandbox.query import jql as query_jql
from mixtui.sandbox.query import profiles as query_profiles
from mixtui.sandbox.query import retention as query_retention
from mixtui.sandbox.query import segmentation as query_segmentation
from mixtui.sandbox.query.query import QueryHandler, query_handler


@dataclass(frozen=True, slots=True)
class Answering:
    """One method of one path; ``{name}`` is a variable part, ``{name:path}`` the rest."""

    method: str
    path: str
    handler: Handler
    family: Family


def routes() -> Iterator[Answering]:
    """All of them; of those that fit a request, the first holds."""
    yield from _INGESTION
    for method, path, answering in _QUERIES:
        for prefix in ("/api/query", "/api/2.0"):
            yield Answering(
                method, prefix + path, query_handler(answering), Family.QUERY
            )
    for method, path, handler in _QUERY_FORMS:
        for prefix in ("/api/query", "/api/2.0"):
            yield Answering(method, prefix + path, handler, Family.QUERY)
    yield from _DATA
    for method, path, handler in _APP:
        yield Answering(method, f"/api/app{path}", handler, Family.APP)
    for method, path, handler in _MANAGEMENT:
        yield Answering(method, f"/api/app{path}", handler, Family.MANAGEMENT)


_INGESTION = (
    Answering("POST", "/import", ingestion_events.import_events, Family.INGESTION),
    Answering("POST", "/track", ingestion_events.track, Family.INGESTION),
    Answering("POST", "/engage", ingestion_profiles.change_users, Family.INGESTION),
    Answering("POST", "/groups", ingestion_profiles.change_groups, Family.INGESTION),
    Answering("GET", "/lookup-tables", lookup_tables.list_tables, Family.INGESTION),
    Answering(
        "PUT", "/lookup-tables/{id}", lookup_tables.replace_table, Family.INGESTION
    ),
    Answering("GET", "/flags", flags.evaluate, Family.APP),
    Answering("GET", "/flags/definitions", flags.definitions, Family.APP),
)

_QUERIES: tuple[tuple[str, str, QueryHandler], ...] = (
    ("GET", "/insights", query_insights.insights),
    ("GET", "/funnels", query_funnels.funnel),
    ("GET", "/funnels/list", query_funnels.list_funnels),
    ("GET", "/retention", query_retention.retention),
    ("GET", "/retention/addiction", query_retention.addiction),
    ("GET", "/segmentation", query_segmentation.segmentation),
    ("GET", "/segmentation/numeric", query_segmentation.numeric),
    ("GET", "/segmentation/sum", query_segmentation.total),
    ("GET", "/segmentation/average", query_segmentation.average),
    ("GET", "/stream/query", query_profiles.activity),
    ("POST", "/cohorts/list", query_profiles.list_cohorts),
    ("GET", "/events", query_events.event_counts),
    ("GET", "/events/top", query_events.top_events),
    ("GET", "/events/names", query_events.event_names),
    ("GET", "/events/properties", query_events.property_counts),
    ("GET", "/events/properties/top", query_events.top_properties),
    ("GET", "/events/properties/values", query_events.top_values),
)

# Their parameters stand in a form, or in the URL as well.
_QUERY_FORMS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/engage", query_profiles.engage),
    ("GET", "/engage", query_profiles.engage),
    ("POST", "/jql", query_jql.jql),
)

_PIPELINE = "/api/2.0/nessie/pipeline"
_DATA = (
    Answering("GET", "/api/2.0/export", export.export, Family.QUERY),
    # An older help article prints it with a slash at the end.
    Answering("GET", "/api/2.0/export/", export.export, Family.QUERY),
    Answering("GET", f"{_PIPELINE}/jobs", pipelines.list_jobs, Family.APP),
    Answering("GET", f"{_PIPELINE}/status", pipelines.status, Family.APP),
    Answering("GET", f"{_PIPELINE}/timeline", pipelines.timeline, Family.APP),
    Answering("POST", f"{_PIPELINE}/create", pipelines.create, Family.APP),
    Answering("POST", f"{_PIPELINE}/edit", pipelines.edit, Family.APP),
    Answering("POST", f"{_PIPELINE}/cancel", pipelines.cancel, Family.APP),
    Answering("POST", f"{_PIPELINE}/pause", pipelines.pause, Family.APP),
    Answering("POST", f"{_PIPELINE}/resume", pipelines.resume, Family.APP),
)

_SCHEMAS = "/projects/{project}/schemas"
_SCHEMAS_OF_TYPE = f"{_SCHEMAS}/{{entity_type}}"
# A name may hold a slash: sent as %2F, it arrives decoded.
_SCHEMA = f"{_SCHEMAS_OF_TYPE}/{{name:path}}"
_ANNOTATIONS = "/projects/{project}/annotations"
_ANNOTATION = f"{_ANNOTATIONS}/{{annotation}}"
_ACCOUNTS = "/organizations/{organization}/service-accounts"
_IMPORTS = "/projects/{project}/warehouse-sources/imports"
_IMPORT = f"{_IMPORTS}/{{import}}"

_APP: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/me", app_account.me),
    ("GET", "/projects/{project}/workspaces/public", app_account.list_workspaces),
    ("GET", _SCHEMAS, app_schemas.list_schemas),
    ("POST", _SCHEMAS, app_schemas.upload_schemas),
    ("DELETE", _SCHEMAS, app_schemas.delete_schemas),
    ("GET", _SCHEMAS_OF_TYPE, app_schemas.list_schemas),
    ("DELETE", _SCHEMAS_OF_TYPE, app_schemas.delete_schemas),
    ("GET", _SCHEMA, app_schemas.read_schema),
    ("POST", _SCHEMA, app_schemas.upload_schema),
    ("DELETE", _SCHEMA, app_schemas.delete_schemas),
    ("GET", _ANNOTATIONS, app_annotations.list_annotations),
    ("POST", _ANNOTATIONS, app_annotations.create_annotation),
    ("GET", f"{_ANNOTATIONS}/tags", app_annotations.list_tags),
    ("POST", f"{_ANNOTATIONS}/tags", app_annotations.create_tag),
    ("GET", _ANNOTATION, app_annotations.read_annotation),
    ("PATCH", _ANNOTATION, app_annotations.change_annotation),
    ("DELETE", _ANNOTATION, app_annotations.delete_annotation),
    ("GET", _ACCOUNTS, app_service_accounts.list_accounts),
    ("POST", _ACCOUNTS, app_service_accounts.create_account),
    ("POST", f"{_ACCOUNTS}/add-to-project", app_service_accounts.add_to_projects),
    (
        "POST",
        f"{_ACCOUNTS}/remove-from-project",
        app_service_accounts.remove_from_projects,
    ),
    ("GET", f"{_ACCOUNTS}/{{account}}", app_service_accounts.read_account),
    ("DELETE", f"{_ACCOUNTS}/{{account}}", app_service_accounts.delete_account),
    ("GET", "/projects/{project}/service-accounts", app_service_accounts.list_members),
    ("GET", _IMPORTS, warehouse.list_imports),
    ("POST", f"{_IMPORTS}/{{kind}}", warehouse.create_import),
    ("GET", _IMPORT, warehouse.read_import),
    ("PATCH", _IMPORT, warehouse.change_import),
    ("DELETE", _IMPORT, warehouse.delete_import),
    ("PUT", f"{_IMPORT}/manual-sync", warehouse.run_import),
    ("GET", f"{_IMPORT}/history", warehouse.history),
    ("POST", "/data-retrievals/v3.0", app_gdpr.create_retrieval),
    ("GET", "/data-retrievals/v3.0/{job}", app_gdpr.read_retrieval),
    ("POST", "/data-deletions/v3.0", app_gdpr.create_deletion),
    ("GET", "/data-deletions/v3.0/{job}", app_gdpr.read_deletion),
    ("DELETE", "/data-deletions/v3.0/{job}", app_gdpr.cancel_deletion),
)

_FLAGS = "/projects/{project}/workspaces/{workspace}/feature-flags"
_FLAG = f"{_FLAGS}/{{flag}}"
_EXPERIMENTS = "/workspaces/{workspace}/experiments"
_EXPERIMENT = f"{_EXPERIMENTS}/{{experiment}}"

_MANAGEMENT: tuple[tuple[str, str, Handler], ...] = (
    ("GET", _FLAGS, app_flags.list_flags),
    ("POST", _FLAGS, app_flags.create_flag),
    ("GET", _FLAG, app_flags.read_flag),
    ("PUT", _FLAG, app_flags.replace_flag),
    ("DELETE", _FLAG, app_flags.delete_flag),
    ("GET", _EXPERIMENTS, app_experiments.list_experiments),
    ("POST", _EXPERIMENTS, app_experiments.create_experiment),
    ("GET", _EXPERIMENT, app_experiments.read_experiment),
    ("PATCH", _EXPERIMENT, app_experiments.change_experiment),
    ("DELETE", _EXPERIMENT, app_experiments.delete_experiment),
    ("POST", f"{_EXPERIMENT}/archive", app_experiments.archive),
    ("DELETE", f"{_EXPERIMENT}/archive", app_experiments.unarchive),
    ("PATCH", f"{_EXPERIMENT}/decide", app_experiments.decide),
    ("PUT", f"{_EXPERIMENT}/force_conclude", app_experiments.force_conclude),
    ("PUT", f"{_EXPERIMENT}/launch", app_experiments.launch),
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
    """The state of a sandbox; close its store at the end.

    Args:
        data_dir: Where its database is kept; None = in memory.
        queries_per_hour: Of queries and of exports, each.
        clock: Gives the time.
        with_sample: Whether the shop is there, or nothing at all.

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
                f"The sandbox cannot use {data_dir} for its data ({error}): "
                "choose another folder, or none to keep nothing."
            ) from None
    return State(
        store=store,
        clock=clock,
        queries=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=query.QUERIES_AT_ONCE,
        ),
        exports=Quota(
            clock,
            limit=queries_per_hour,
            seconds=HOUR,
            concurrent=export.EXPORTS_AT_ONCE,
        ),
        replacements=Quota(
            clock,
            limit=lookup_tables.CALLS_A_DAY,
            seconds=24 * HOUR,
            concurrent=lookup_tables.CALLS_A_DAY,
        ),
        sessions=Sessions(),
    )


class SandboxApp:
    """Finds what answers a request and lets it, in a worker thread."""

    def __init__(self, state: State, failures: Sequence[Failure] = ()) -> None:
        """An application.

        Args:
            state: What it works with.
            failures: What is to go wrong.
        """
        self._state = state
        self._failures = failures
        self._routes = [
            (Route(row.path, _unused, methods=[row.method]), row) for row in routes()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        scope, region = _in_region(scope)
        request = Request(scope, receive)
        failure = failure_of(self._failures, scope["path"])
        try:
            if isinstance(failure, Status):
                response = await self._refuse(scope, request, failure)
            else:
                response = await self._answer(scope, request, region)
        except ClientDisconnect:
            # Cancelled while sending: there is nobody to answer.
            return
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["Server"] = "mixtui-sandbox"
        match failure:
            case Slow():
                await failing.send_slowly(response, failure, scope, receive, send)
            case Drop():
                await failing.send_half(response, scope, receive, send)
            case _:
                await response(scope, receive, send)

    async def _refuse(
        self, scope: Scope, request: Request, failure: Status
    ) -> Response:
        """Read the request and do nothing of it."""
        await request.body()
        try:
            family = self._find(scope)[0].family
        except Refusal:
            family = family_of(scope["path"])
        target = _target(scope)
        return failing.refusal(failure.code, family, target).response(family, target)

    async def _answer(self, scope: Scope, request: Request, region: Region) -> Response:
        target = _target(scope)
        family = family_of(scope["path"])
        try:
            row, parts = self._find(scope)
            family = row.family
            call = ApiCall(
                method=request.method,
                path=scope["path"],
                target=target,
                parts=parts,
                query=request.query_params,
                headers=request.headers,
                content=await request.body(),
                region=region,
                state=self._state,
            )
            return await run_in_threadpool(row.handler, call)
        except Refusal as refusal:
            return refusal.response(family, target)

    def _find(self, scope: Scope) -> tuple[Answering, Mapping[str, str]]:
        other_method = False
        for route, row in self._routes:
            match, child = route.matches(scope)
            if match is Match.FULL and row.method == scope["method"]:
                return row, child["path_params"]
            other_method = other_method or match is not Match.NONE
        if other_method:
            raise Refusal(405, f"Method {scope['method']} is not allowed here")
        raise Refusal(404, f"Not found: {scope['path']}")


def _in_region(scope: Scope) -> tuple[Scope, Region]:
    """The request without the region's prefix, and the region; none = `HOME`."""
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


async def _unused(request: Request) -> Response:
    raise AssertionError("the routes only match; SandboxApp answers")
