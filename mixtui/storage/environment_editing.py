"""Changing environments in their file, around everything else that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mixtui.core.environments import Environment
from mixtui.core.errors import SettingsError
from mixtui.core.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    SecretSource,
)
from mixtui.storage import atomic
from mixtui.storage.environment_file import (
    EnvironmentFile,
    name_problem,
    sibling_path,
)
from mixtui.storage.settings_source import Source
from mixtui.storage.toml_edit import TomlEditor
from mixtui.storage.toml_text import Value

_Table = dict[str, Value]

# Written in one piece, as { env = "…" }, never key by key.
_WHOLE = frozenset(("secret", "project_secret", "oauth_token"))


def save_environment(
    path: Path, environment: Environment, old_name: str | None = None
) -> None:
    """Write one environment to the file at `path`.

    `old_name` is its name until now; None adds a new one. Secrets are written as
    their sources; what credentials.toml holds is not written at all. Raises
    SettingsError when the name is taken or impossible, the old one is gone, the file
    is wrong, or it may not hold what it would; StorageError when it cannot be written.
    """
    name = environment.name
    if reason := name_problem(name):
        raise SettingsError(f"“{name.strip()}” cannot name an environment: {reason}.")
    source, folder = Source(path), path.parent
    before = EnvironmentFile(source)
    old = None if old_name is None else _existing(before, old_name, path)
    if name != old_name and before.get(name):
        raise SettingsError(
            f"There is an environment {name} already in {path}: choose another name."
        )
    with source.editing() as editor:
        if old is not None and old.name != name:
            editor.rename(("environments", old.name), name)
            if before.default == old.name:
                editor.set((), "default", name)
        table = {} if old is None else _table(old, folder)
        _change(editor, ("environments", name), table, _table(environment, folder))
    after = EnvironmentFile(Source(path, editor.text))
    written = after.get(name)
    if written is None or _table(written, folder) != _table(environment, folder):
        raise source.not_editable()
    atomic.write(path, editor.text.encode())


def delete_environment(path: Path, name: str) -> None:
    """Remove one environment, and the default when it was that one.

    Raises SettingsError when there is none, StorageError when the file cannot be
    written. Its secrets in credentials.toml stay: `StoredCredentials.delete`.
    """
    source = Source(path)
    before = EnvironmentFile(source)
    _existing(before, name, path)
    with source.editing() as editor:
        editor.remove(("environments", name))
        if before.default == name:
            editor.remove(("default",))
    after = EnvironmentFile(Source(path, editor.text))
    if after.all != tuple(e for e in before.all if e.name != name):
        raise source.not_editable()
    atomic.write(path, editor.text.encode())


def set_default(path: Path, name: str) -> None:
    """Make `name` the environment to start with.

    Raises SettingsError when the file is wrong, StorageError when it cannot be written.
    """
    source = Source(path)
    EnvironmentFile(source)
    with source.editing() as editor:
        editor.set((), "default", name)
    if EnvironmentFile(Source(path, editor.text)).default != name:
        raise source.not_editable()
    atomic.write(path, editor.text.encode())


def _existing(file: EnvironmentFile, name: str, path: Path) -> Environment:
    found = file.get(name)
    if found is None:
        raise SettingsError(f"There is no environment {name} in {path} any more.")
    return found


def _change(
    editor: TomlEditor, path: tuple[str, ...], old: Mapping[str, Value], new: _Table
) -> None:
    for key in {**new, **old}:
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if key == "service_account" and (before is None or after is None):
            whole = True
        else:
            whole = key in _WHOLE or not isinstance(after or before, dict)
        if not whole:
            _change(editor, (*path, key), _inner(before), _inner(after))
            editor.remove_if_empty((*path, key))
        elif after is None:
            editor.remove((*path, key))
        else:
            editor.set(path, key, after)


def _inner(value: Value | None) -> _Table:
    return value if isinstance(value, dict) else {}


def _table(environment: Environment, folder: Path) -> _Table:
    """The environment as its table; what is at its default is absent."""
    credentials, tls = environment.credentials, environment.tls
    account = credentials.service_account
    declared = (
        None
        if account is None
        else _present(username=account.username, secret=_source(account.secret, folder))
    )
    return {
        "region": str(environment.region),
        **({} if environment.history else {"history": False}),
        **_present(
            project_id=environment.project_id,
            workspace_id=environment.workspace_id,
            organization_id=environment.organization_id,
            read_only=environment.read_only,
            confirm_writes=environment.confirm_writes,
            credentials=_present(
                project_token=credentials.project_token,
                service_account=declared,
                project_secret=_source(credentials.project_secret, folder),
                oauth_token=_source(credentials.oauth_token, folder),
            ),
            variables=dict(environment.variables),
            hosts={str(api): url.rstrip("/") for api, url in environment.hosts.items()},
            tls=_present(
                ca_file=tls.ca_file and sibling_path(tls.ca_file, folder),
                client_certificate=tls.client_certificate
                and sibling_path(tls.client_certificate, folder),
                client_key=tls.client_key and sibling_path(tls.client_key, folder),
            ),
        ),
    }


def _present(**values: Value | None) -> _Table:
    return {key: value for key, value in values.items() if value}


def _source(source: SecretSource | None, folder: Path) -> _Table | None:
    match source:
        case None | FromCredentialsFile():
            return None
        case FromVariable(place):
            return {"env": place}
        case FromCommand(place):
            return {"command": place}
        case FromKeyring(place):
            return {"keyring": place}
        case FromFile(place):
            return {"file": sibling_path(place, folder)}
