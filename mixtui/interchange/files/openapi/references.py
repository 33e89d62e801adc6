"""Resolve the references of an OpenAPI document."""

from __future__ import annotations

from urllib.parse import unquote

from mixtui.interchange.json_values import (
    Value,
    as_mapping,
    as_text,
)
from mixtui.interchange.notes import Notes


class References:
    """Resolves the references of one document, with a note for each unresolvable one."""

    def __init__(self, document: dict[str, Value], notes: Notes) -> None:
        self._document = document
        self._notes = notes

    def resolve(self, node: Value) -> dict[str, Value]:
        """Return the object that a node is or refers to; empty = unresolvable.

        Siblings of a ``$ref`` override its target, as in 3.1; 3.0 ignores them, but
        whoever writes them there means them.
        """
        return self.resolve_with_path(node)[0]

    def resolve_with_path(self, node: Value) -> tuple[dict[str, Value], frozenset[str]]:
        """Return the object, and the references that were followed to it."""
        seen: dict[str, None] = {}
        siblings: dict[str, Value] = {}
        result = as_mapping(node)
        while reference := as_text(result.get("$ref")):
            rest = {name: value for name, value in result.items() if name != "$ref"}
            siblings = {**rest, **siblings}
            if reference in seen:
                self._notes.add(f"{reference} only refers to itself.")
                result = {}
                break
            seen[reference] = None
            result = as_mapping(self._target(reference))
        return {**result, **siblings}, frozenset(seen)

    def _target(self, reference: str) -> Value:
        if not reference.startswith("#"):
            self._notes.add(
                f"{reference} is in another file, which is not read. Bundle the files "
                "to import it."
            )
            return {}
        target = self._lookup_pointer(unquote(reference[1:]))
        if target is None:
            self._notes.add(f"{reference} is not in the file.")
        return target

    def _lookup_pointer(self, pointer: str) -> Value:
        node: Value = self._document
        if pointer and not pointer.startswith("/"):
            return None
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and name in node:
                node = node[name]
            elif isinstance(node, list) and name.isdecimal() and name.isascii():
                if len(name) > 9 or int(name) >= len(node):
                    return None
                node = node[int(name)]
            else:
                return None
        return node
