"""``$ref``: from a reference to what it stands for (RFC 6901, JSON Pointer)."""

from __future__ import annotations

from urllib.parse import unquote

from mixtui.interchange.notes import Notes
from mixtui.interchange.values import Value, mapping, text


class References:
    """Follows the references of one document; those it cannot follow are noted."""

    def __init__(self, document: dict[str, Value], notes: Notes) -> None:
        self._document = document
        self._notes = notes

    def resolve(self, node: Value) -> dict[str, Value]:
        """The object that a node is or refers to; empty if it leads nowhere.

        What stands beside a ``$ref`` wins over what it refers to (3.1); 3.0 says to
        ignore it, but nobody writes it there without meaning it.
        """
        return self.followed(node)[0]

    def followed(self, node: Value) -> tuple[dict[str, Value], frozenset[str]]:
        """The object, and each reference that led to it."""
        seen: dict[str, None] = {}
        beside: dict[str, Value] = {}
        found = mapping(node)
        while reference := text(found.get("$ref")):
            rest = {name: value for name, value in found.items() if name != "$ref"}
            beside = {**rest, **beside}
            if reference in seen:
                self._notes.add(f"{reference} refers to itself and says nothing.")
                found = {}
                break
            seen[reference] = None
            found = mapping(self._target(reference))
        return {**found, **beside}, frozenset(seen)

    def _target(self, reference: str) -> Value:
        if not reference.startswith("#"):
            self._notes.add(
                f"{reference} is in another file, which is not read: put it into this "
                "one to have it imported."
            )
            return {}
        target = self._at(unquote(reference[1:]))
        if target is None:
            self._notes.add(f"{reference} is not in the file.")
        return target

    def _at(self, pointer: str) -> Value:
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
