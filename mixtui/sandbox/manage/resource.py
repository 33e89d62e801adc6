"""Resources of the App API: list, create, get, update and delete what the sandbox stores.

What a resource is made of is data: its kind, the shapes of its bodies, and the functions
that build, change and present one object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.responses import Response

from mixtui.sandbox.calls.call import ApiCall, answer, checked_body, optional_body
from mixtui.sandbox.calls.errors import Refusal
from mixtui.sandbox.calls.shapes import Fields
from mixtui.sandbox.data import store as documents
from mixtui.sandbox.data.identity import Project
from mixtui.sandbox.data.json_text import Json, JsonObject
from mixtui.sandbox.data.store import Kind


@dataclass(frozen=True, slots=True)
class Objects:
    """The stored objects of one kind; the owner is the id of a project or organization."""

    kind: Kind
    not_found: str
    """The message of a 404; its ``{}`` is the id."""
    id_field: str = "id"
    built_in: tuple[JsonObject, ...] = ()
    """Listed first, and never stored."""

    def read_all(self, call: ApiCall, owner: str) -> list[JsonObject]:
        """Return the built-in objects and the stored ones, oldest first."""
        return [*self.built_in, *documents.read_all(call.store, owner, self.kind)]

    def find(self, call: ApiCall, owner: str, identifier: str) -> JsonObject:
        """Return one object, or refuse with 404."""
        for built_in in self.built_in:
            if str(built_in[self.id_field]) == identifier:
                return built_in
        stored = documents.read(call.store, owner, self.kind, identifier)
        if stored is None:
            raise Refusal(404, self.not_found.format(identifier))
        return stored

    def write(self, call: ApiCall, owner: str, item: JsonObject) -> None:
        """Create or replace one object."""
        identifier = str(item[self.id_field])
        documents.write(call.store, owner, self.kind, identifier, item)

    def delete(self, call: ApiCall, owner: str, item: JsonObject) -> None:
        """Delete one object."""
        identifier = str(item[self.id_field])
        documents.delete(call.store, owner, self.kind, identifier)


Build: TypeAlias = Callable[[ApiCall, Project, JsonObject], JsonObject]
"""A new object from a checked body."""
Update: TypeAlias = Callable[[ApiCall, Project, JsonObject, JsonObject], JsonObject]
"""An object, changed by a checked body."""
View: TypeAlias = Callable[[ApiCall, Project, JsonObject], JsonObject]
"""An object as a response shows it."""
Filter: TypeAlias = Callable[[JsonObject], bool]


def always(shape: Fields) -> Callable[[ApiCall], Fields]:
    """Return a `Resource.creation_shape` that does not depend on the path."""
    return lambda _: shape


def _all(_: ApiCall) -> Filter:
    return lambda _: True


def _no_results(_: JsonObject) -> JsonObject:
    return {"results": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource; its public methods `list_all` to `delete` are handlers."""

    objects: Objects
    path_variable: str
    """The part of the path that holds the id."""
    authorize: Callable[[ApiCall], Project]
    creation_shape: Callable[[ApiCall], Fields]
    """The shape of a POST's body."""
    build: Build
    created_status: int = 201
    update_shape: Fields
    """The shape of the body of a PATCH or PUT."""
    apply: Update
    view: View
    list_view: View | None = None
    """In a list; None = as `view`."""
    list_filter: Callable[[ApiCall], Filter] = _all
    """Reads the query of a list; refuses what is wrong with it."""
    deletion_shape: Fields | None = None
    """The shape of a DELETE's optional body; None = the body is not read."""
    deleted: Callable[[JsonObject], JsonObject] = _no_results
    """What the response to a DELETE says besides its status."""

    def list_all(self, call: ApiCall) -> Response:
        """GET the objects that the query selects."""
        project = self.authorize(call)
        selected = self.list_filter(call)
        view = self.list_view or self.view
        rows: list[Json] = [
            view(call, project, item)
            for item in self.objects.read_all(call, project.id)
            if selected(item)
        ]
        return answer({"status": "ok", "results": rows})

    def create(self, call: ApiCall) -> Response:
        """POST one."""
        project = self.authorize(call)
        body = checked_body(call, self.creation_shape(call))
        with call.store.transaction():
            item = self.build(call, project, body)
            self.objects.write(call, project.id, item)
        return self.respond(call, project, item, self.created_status)

    def get(self, call: ApiCall) -> Response:
        """GET one."""
        project = self.authorize(call)
        return self.respond(call, project, self.find(call, project))

    def update(self, call: ApiCall) -> Response:
        """PATCH or PUT one."""
        project = self.authorize(call)
        body = checked_body(call, self.update_shape)
        with call.store.transaction():
            item = self.apply(call, project, self.find(call, project), body)
            self.objects.write(call, project.id, item)
        return self.respond(call, project, item)

    def delete(self, call: ApiCall) -> Response:
        """DELETE one."""
        project = self.authorize(call)
        if self.deletion_shape is not None:
            optional_body(call, self.deletion_shape)
        item = self.find(call, project)
        self.objects.delete(call, project.id, item)
        return answer({"status": "ok", **self.deleted(item)})

    def find(self, call: ApiCall, project: Project) -> JsonObject:
        """Return the object that the path names, or refuse with 404."""
        return self.objects.find(call, project.id, call.parts[self.path_variable])

    def respond(
        self, call: ApiCall, project: Project, item: JsonObject, status: int = 200
    ) -> Response:
        """Return the response that shows one object."""
        shown = self.view(call, project, item)
        return answer({"status": "ok", "results": shown}, status)
