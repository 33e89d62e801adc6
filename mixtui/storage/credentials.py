"""Read and write credentials.toml: secrets typed into the app, readable by their owner."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from mixtui.model.errors import SettingsError
from mixtui.model.secrets import Secret, StoredSecrets
from mixtui.storage import files, toml_values
from mixtui.storage.paths import private_folder
from mixtui.storage.toml_editor import NotEditable, TomlEditor
from mixtui.storage.toml_values import InvalidToml

POSIX = os.name == "posix"
"""Elsewhere (Windows) a user's folder is private by other means than permissions."""


class StoredCredentials:
    """The secrets in one file: read each time, kept nowhere, never shown.

    `get` is a `model.secrets.StoredSecrets`. Every method raises SettingsError if others
    than the owner can read the file or it does not parse; the writing ones raise
    StorageError if it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"StoredCredentials({str(self.path)!r})"

    def get(self, environment: str, name: str) -> str | None:
        """Return a secret, or None.

        Args:
            environment: The name of its environment.
            name: service_account, project_secret or oauth_token.
        """
        return self._find(self._document(self._source()), environment, name)

    def once(self) -> StoredSecrets:
        """Return a `get` that reads the file when first asked, and then no more.

        For those who ask for each environment: the file has as many.
        """
        document = cache(lambda: self._document(self._source()))
        return lambda environment, name: self._find(document(), environment, name)

    def _find(
        self, document: dict[str, Any], environment: str, name: str
    ) -> str | None:
        table = document.get(environment)
        if table is None:
            return None
        if not isinstance(table, dict):
            raise self._invalid(
                f"{toml_values.printable_excerpt(environment)} is not a table"
            )
        secret = table.get(name)
        if secret is not None and not isinstance(secret, str):
            raise self._invalid(
                f"{toml_values.printable_excerpt(environment)}.{name} is not a quoted "
                "string"
            )
        return secret

    def set(self, environment: str, name: str, secret: Secret) -> None:
        """Store a secret, replacing one of that name."""
        self._edit(lambda editor, _: editor.set((environment,), name, secret.reveal()))

    def delete(self, environment: str, name: str | None = None) -> None:
        """Remove a secret, or all of an environment, if there are any."""
        if environment not in self._document(self._source()):
            return

        def remove(editor: TomlEditor, document: dict[str, Any]) -> None:
            table = document.get(environment)
            is_last = isinstance(table, dict) and set(table) <= {name}
            if name is None or is_last:
                editor.remove((environment,))
            else:
                editor.remove((environment, name))

        self._edit(remove)

    def _source(self) -> str:
        """Read the file; a missing one is empty."""
        try:
            with open(self.path, "rb") as stream:
                is_shared = os.fstat(stream.fileno()).st_mode & 0o077
                data = b"" if POSIX and is_shared else stream.read()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise SettingsError(
                f"{self.path} cannot be read: {error.strerror}."
            ) from None
        if POSIX and is_shared:
            import shlex

            raise SettingsError(
                f"{self.path} is readable by other users: run “chmod 600 "
                f"{shlex.quote(str(self.path))}”, and consider rotating the secrets."
            )
        return self._decode(data)

    def _decode(self, data: bytes) -> str:
        try:
            return toml_values.decode(data)
        except InvalidToml as error:
            raise self._invalid(str(error), error.line) from None

    def _document(self, source: str) -> dict[str, Any]:
        try:
            return toml_values.parse_toml(source)
        except InvalidToml as error:
            # The parser's message could quote a secret.
            raise self._invalid("it is not valid TOML", error.line) from None

    def _edit(self, change: Callable[[TomlEditor, dict[str, Any]], object]) -> None:
        def edit(data: bytes | None) -> bytes:
            self._source()  # Refuses a file that others can read.
            source = self._decode(data or b"")
            document = self._document(source)
            editor = TomlEditor(source)
            try:
                change(editor, document)
            except NotEditable:
                raise self._invalid("mixtui cannot edit a file of this form") from None
            self._document(editor.text)
            return editor.text.encode()

        private_folder(self.path.parent)
        files.update(self.path, edit, mode=0o600)

    def _invalid(self, reason: str, line: int | None = None) -> SettingsError:
        position = f"{self.path}, line {line}" if line else str(self.path)
        return SettingsError(f"{position}: {reason}; fix it in an editor.")
