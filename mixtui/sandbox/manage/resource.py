"""Resources of the App API: list, create, get, update and delete stored objects.

A resource is defined by data: its kind, the shapes of its bodies, and the functions
that build, change and present one object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct
from starlette.responses import Response

from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind
from mixtui.sandbox.requests.errors import Refusal
from mixtui.sandbox.requests.request import (
    ApiRequest,
    checked_body,
    json_response,
    optional_body,
)
from mixtui.sandbox.requests.shapes import Record


class StoredObjects(Struct, frozen=True):
    """The stored objects of one kind; the owner is the id of a project or organization."""

    kind: Kind
    not_found: str
    """The message of a 404; ``{}`` is the id."""
    id_field: str = "id"
    built_in: tuple[JsonObject, ...] = ()
    """Listed first, and never stored."""

    def read_all(self, request: ApiRequest, owner: str) -> list[JsonObject]:
        """Return the built-in objects and the stored ones, oldest first."""
        return [*self.built_in, *documents.read_all(request.store, owner, self.kind)]

    def find(self, request: ApiRequest, owner: str, identifier: str) -> JsonObject:
        """Return one object; raises a Refusal (404)."""
        for built_in in self.built_in:
            if str(built_in[self.id_field]) == identifier:
                return built_in
        stored = documents.read(request.store, owner, self.kind, identifier)
        if stored is None:
            raise Refusal(404, self.not_found.format(identifier))
        return stored

    def write(self, request: ApiRequest, owner: str, item: JsonObject) -> None:
        """Create or replace one object."""
        identifier = str(item[self.id_field])
        documents.write(request.store, owner, self.kind, identifier, item)

    def delete(self, request: ApiRequest, owner: str, item: JsonObject) -> None:
        """Delete one object."""
        identifier = str(item[self.id_field])
        documents.delete(request.store, owner, self.kind, identifier)


Build: TypeAlias = Callable[[ApiRequest, Project, JsonObject], JsonObject]
"""Builds a new object from a valid body."""
Update: TypeAlias = Callable[[ApiRequest, Project, JsonObject, JsonObject], JsonObject]
"""Applies a valid body to an object."""
View: TypeAlias = Callable[[ApiRequest, Project, JsonObject], JsonObject]
"""Returns an object as shown in a response."""
Filter: TypeAlias = Callable[[JsonObject], bool]


def always(shape: Record) -> Callable[[ApiRequest], Record]:
    """Return a `Resource.creation_shape` that does not depend on the path."""
    return lambda _: shape


def _all(_: ApiRequest) -> Filter:
    return lambda _: True


def _no_results(_: JsonObject) -> JsonObject:
    return {"results": {}}


class Resource(Struct, frozen=True, kw_only=True):
    """One resource; its public methods `list_all` to `delete` are handlers."""

    objects: StoredObjects
    path_variable: str
    """The path variable with the id."""
    authorize: Callable[[ApiRequest], Project]
    creation_shape: Callable[[ApiRequest], Record]
    """The shape of a POST's body."""
    build: Build
    created_status: int = 201
    update_shape: Record
    """The shape of the body of a PATCH or PUT."""
    apply: Update
    view: View
    list_view: View | None = None
    """The view in a list; None = `view`."""
    list_filter: Callable[[ApiRequest], Filter] = _all
    """Parses the query of a list; raises a Refusal if it is invalid."""
    deletion_shape: Record | None = None
    """The shape of the optional body of a DELETE; None = the body is ignored."""
    deleted: Callable[[JsonObject], JsonObject] = _no_results
    """Returns the content of the response to a DELETE, besides its status."""

    def list_all(self, request: ApiRequest) -> Response:
        """GET the objects that the query selects."""
        project = self.authorize(request)
        is_selected = self.list_filter(request)
        view = self.list_view or self.view
        rows: list[Json] = [
            view(request, project, item)
            for item in self.objects.read_all(request, project.id)
            if is_selected(item)
        ]
        return json_response({"status": "ok", "results": rows})

    def create(self, request: ApiRequest) -> Response:
        """POST one."""
        project = self.authorize(request)
        body = checked_body(request, self.creation_shape(request))
        with request.store.transaction():
            item = self.build(request, project, body)
            self.objects.write(request, project.id, item)
        return self.respond(request, project, item, self.created_status)

    def get(self, request: ApiRequest) -> Response:
        """GET one."""
        project = self.authorize(request)
        return self.respond(request, project, self.find(request, project))

    def update(self, request: ApiRequest) -> Response:
        """PATCH or PUT one."""
        project = self.authorize(request)
        body = checked_body(request, self.update_shape)
        with request.store.transaction():
            item = self.apply(request, project, self.find(request, project), body)
            self.objects.write(request, project.id, item)
        return self.respond(request, project, item)

    def delete(self, request: ApiRequest) -> Response:
        """DELETE one."""
        project = self.authorize(request)
        if self.deletion_shape is not None:
            optional_body(request, self.deletion_shape)
        item = self.find(request, project)
        self.objects.delete(request, project.id, item)
        return json_response({"status": "ok", **self.deleted(item)})

    def find(self, request: ApiRequest, project: Project) -> JsonObject:
        """Return the object in the path; raises a Refusal (404)."""
        return self.objects.find(request, project.id, request.parts[self.path_variable])

    def respond(
        self, request: ApiRequest, project: Project, item: JsonObject, status: int = 200
    ) -> Response:
        """Return the response that shows one object."""
        shown = self.view(request, project, item)
        return json_response({"status": "ok", "results": shown}, status)
