"""Read environments: the user's, the collection's, or one from MP_* variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from mixtui.key_names import key_of
from mixtui.mixpanel.apis import Api, Region
from mixtui.model.environment import (
    FROM_VARIABLES,
    BrokenEnvironment,
    Credentials,
    Environment,
    Environments,
    ServiceAccount,
    Tls,
)
from mixtui.model.errors import SettingsError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    SecretSource,
    StoredSecrets,
    nothing_stored,
)
from mixtui.model.trust import FULL_TRUST, Power, PowerKind, Trust
from mixtui.patterns import compile_late
from mixtui.spelling import did_you_mean
from mixtui.storage import toml_values
from mixtui.storage.credentials import StoredCredentials
from mixtui.storage.order import read_order
from mixtui.storage.paths import COLLECTION_FILE, ENVIRONMENTS_FILE
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import InvalidValue, Table

_SOURCES: dict[str, Callable[[str], SecretSource]] = {
    "env": FromVariable,
    "command": FromCommand,
    "keyring": FromKeyring,
    "file": FromFile,
}
_SECRET_KEYS = frozenset(
    ("secret", "project_secret", "api_secret", "oauth_token", "password")
)
_TLS_KEYS = ("ca_file", "client_certificate", "client_key")
ENVIRONMENT_VARIABLES = (
    "MP_USERNAME",
    "MP_SECRET",
    "MP_PROJECT_ID",
    "MP_WORKSPACE_ID",
    "MP_REGION",
    "MIXPANEL_TOKEN",
)
"""Declare an environment if no file does; mixpanel-headless reads the same ones."""

_NOT_IN_BASE_URL = compile_late(r"[\s\\@?#]")


class EnvironmentFile:
    """The environments that one file declares; a broken one costs itself only.

    Creating it raises SettingsError if the file as a whole is invalid.
    """

    def __init__(
        self,
        source: TomlFile,
        stored: StoredSecrets = nothing_stored,
        trust: Trust = FULL_TRUST,
    ) -> None:
        self._source = source
        self._path = source.path
        self._stored = stored
        self._trust = trust
        self._warnings: list[str] = []
        self.broken: tuple[BrokenEnvironment, ...] = ()
        self.default, self.default_problem = "", ""
        with source.values() as document:
            try:
                self.default = document.text("default")
            except InvalidValue as error:
                self.default_problem = str(source.invalid(error))
            if self._path.name == COLLECTION_FILE:
                self._check_order(document)
            tables = document.table("environments")
            self.names = tuple(tables.names)
            """All that are declared, the broken ones too."""
            self.all = tuple(self._environments(tables))
            self._check_unknown_keys(document)
        self.warnings = tuple(dict.fromkeys(self._warnings))

    def _check_order(self, document: Table) -> None:
        """Warn about an order that the sidebar ignores: no environment depends on it."""
        try:
            read_order(document)
        except InvalidValue as error:
            self._warnings.append(str(self._source.invalid(error)))

    def get(self, name: str) -> Environment | None:
        """Return the environment of a name, or None."""
        return next((e for e in self.all if e.name == name), None)

    def problem(self, name: str) -> str:
        """Return why the environment of a name is broken; empty = it is not."""
        return next((e.problem for e in self.broken if e.name == name), "")

    def _environments(self, tables: Table) -> Iterator[Environment]:
        for name in tables.names:
            try:
                yield self._environment(tables, name)
            except InvalidValue as error:
                problem = str(self._source.invalid(error))
                self.broken += (BrokenEnvironment(name, problem),)

    def _environment(self, tables: Table, name: str) -> Environment:
        if reason := name_problem(name):
            raise tables.invalid(
                toml_values.printable_excerpt(name), f"is not a valid name: {reason}"
            )
        table = tables.table(name)
        environment = Environment(
            name=name,
            region=table.choice("region", Region, Region.US),
            project_id=table.text_or_number("project_id"),
            workspace_id=table.text_or_number("workspace_id"),
            organization_id=table.text_or_number("organization_id"),
            read_only=table.flag("read_only", False),
            confirm_writes=table.flag("confirm_writes", False),
            history=table.flag("history", True),
            credentials=self._credentials(table, name),
            variables=self._variables(table),
            hosts=self._hosts(table),
            tls=self._tls(table),
            origin=str(self._path),
        )
        self._check_unknown_keys(table)
        missing = self._trust.missing(environment_powers(environment))
        return replace(environment, ungranted=missing)

    def _credentials(self, table: Table, name: str) -> Credentials:
        credentials = table.table("credentials")
        account = credentials.table("service_account")
        sources = {
            kind: self._secret(holder, key)
            or (
                FromCredentialsFile(name, kind) if self._is_stored(name, kind) else None
            )
            for kind, holder, key in (
                ("service_account", account, "secret"),
                ("project_secret", credentials, "project_secret"),
                ("oauth_token", credentials, "oauth_token"),
            )
        }
        result = Credentials(
            project_token=credentials.text("project_token"),
            service_account=self._account(credentials, account, name, sources),
            project_secret=sources["project_secret"],
            oauth_token=sources["oauth_token"],
        )
        self._check_unknown_keys(credentials)
        return result

    def _is_stored(self, name: str, kind: str) -> bool:
        try:
            return bool(self._stored(name, kind))
        except SettingsError as error:
            # Most environments take nothing from credentials.toml; for one that does,
            # reading the secret fails with the same sentence.
            self._warnings.append(str(error))
            return False

    def _account(
        self,
        credentials: Table,
        account: Table,
        name: str,
        sources: dict[str, SecretSource | None],
    ) -> ServiceAccount | None:
        if "service_account" not in credentials:
            return None
        username = account.required_text("username", "a service account requires it")
        self._check_unknown_keys(account)
        # Without a source, reading it reports that credentials.toml holds none yet.
        secret = sources["service_account"] or FromCredentialsFile(
            name, "service_account"
        )
        return ServiceAccount(username, secret)

    def _secret(self, table: Table, key: str) -> SecretSource | None:
        """Read where a secret is."""
        tagged = table.tagged_text(key, _SOURCES, _source_help)
        if tagged is None:
            return None
        kind, location = tagged
        return _SOURCES[kind](
            sibling_path(location, self._path.parent) if kind == "file" else location
        )

    def _variables(self, table: Table) -> dict[str, str]:
        variables = table.table("variables")
        return {key: variables.text_or_number(key) for key in variables.names}

    def _hosts(self, table: Table) -> dict[Api, str]:
        hosts = table.table("hosts")
        return {
            api: hosts.text(api, problem=_base_url_problem).rstrip("/")
            for api in hosts.names_among(Api, "an API")
        }

    def _tls(self, table: Table) -> Tls:
        tls = table.table("tls")
        values = {key: tls.text(key) for key in _TLS_KEYS}
        self._check_unknown_keys(tls)
        return Tls(
            **{k: v and sibling_path(v, self._path.parent) for k, v in values.items()}
        )

    def _check_unknown_keys(self, table: Table) -> None:
        for key, sentence in table.unknown_keys().items():
            if key in _SECRET_KEYS and isinstance(table.value(key), str):
                raise table.invalid(
                    key, f"contains the secret itself: {_source_help()}"
                )
            self._warnings.append(f"{self._path.name}: {sentence}")


def _source_help() -> str:
    return (
        "use { env = … }, { command = … }, { keyring = … } or { file = … }, or enter it "
        f"on the environments screen ({key_of('environments')})"
    )


def sibling_path(path: str, folder: Path) -> str:
    """Resolve a path that a file in `folder` holds: relative to that folder."""
    return path if path.startswith("~") else str(folder / path)


def name_problem(name: str) -> str:
    """Return why an environment cannot have a name, as a clause; empty = it can."""
    if not name.strip():
        return "it is empty"
    if not name.isprintable() or name != name.strip():
        return "it contains control characters, or starts or ends with a space"
    return ""


def _base_url_problem(url: str) -> str:
    if _is_base_url(url.rstrip("/")):
        return ""
    return "must be a base URL, such as https://events.example.com"


def _is_base_url(url: str) -> bool:
    if not url.isprintable() or _NOT_IN_BASE_URL.search(url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(
            parts.hostname and parts.port != 0
        )
    except ValueError:
        return False


def environment_powers(environment: Environment) -> frozenset[Power]:
    """Return what an environment reaches beyond the file that declares it."""
    powers = {
        Power(PowerKind.HOST, url)
        for url in environment.hosts.values()
        if not _is_official(url)
    }
    credentials, tls = environment.credentials, environment.tls
    account = credentials.service_account
    for source in (
        account and account.secret,
        credentials.project_secret,
        credentials.oauth_token,
    ):
        if isinstance(source, FromVariable):
            powers.add(Power(PowerKind.VARIABLE, source.name))
        elif source is not None:
            powers.add(Power(PowerKind.SECRET, str(source)))
    for path in (tls.ca_file, tls.client_certificate, tls.client_key):
        if path:
            powers.add(Power(PowerKind.CERTIFICATE, path))
    return frozenset(powers)


def _is_official(url: str) -> bool:
    # Not even this machine: a port of it may be a tunnel.
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and (
        host == "mixpanel.com" or host.endswith(".mixpanel.com")
    )


def load_environments(
    config_dir: Path,
    collection_root: Path | None,
    credentials: StoredCredentials,
    variables: Mapping[str, str],
    trust: Trust = FULL_TRUST,
) -> Environments:
    """Read every environment, and which one to start with.

    The user's come first and win over the collection's of the same name, and so does
    the user's ``default``. One of the collection is only started with if its folder is
    trusted with that.

    Args:
        config_dir: The folder of the user's files.
        collection_root: The folder of the collection, if there is one.
        credentials: The secrets in credentials.toml.
        variables: The environment of the process.
        trust: What the collection may use.

    Raises:
        SettingsError: A file or a variable is invalid.
    """
    stored = credentials.once()
    own = EnvironmentFile(TomlFile(config_dir / ENVIRONMENTS_FILE), stored)
    environments, default, warnings = list(own.all), own.default, list(own.warnings)
    names, broken = list(own.names), list(own.broken)
    default_problem = own.default_problem
    ungranted: tuple[Power, ...] = ()
    if collection_root is not None:
        path = collection_root / COLLECTION_FILE
        shared = EnvironmentFile(TomlFile(path), stored, trust)
        for name in shared.names:
            if name in own.names:
                warnings.append(
                    f"The environment {toml_values.printable_excerpt(name)} of the "
                    f"collection is ignored: {config_dir / ENVIRONMENTS_FILE} has one "
                    "with the same name."
                )
            else:
                names.append(name)
        environments += [e for e in shared.all if e.name not in own.names]
        broken += [e for e in shared.broken if e.name not in own.names]
        warnings += shared.warnings
        if not default and not default_problem:
            default_problem = shared.default_problem
            name = shared.default or next(iter(names), "")
            chosen = bool(name) and (name not in own.names or bool(shared.default))
            ungranted = trust.missing(
                {Power(PowerKind.ENVIRONMENT, name)} if chosen else ()
            )
            default = "" if ungranted or default_problem else name
    if not names or (ungranted and not own.names):
        from_variables, variable_warnings = _environment_from_variables(variables)
        environments, warnings = (
            [*from_variables, *environments],
            [*warnings, *variable_warnings],
        )
        names = [*(each.name for each in from_variables), *names]
        if from_variables:
            default = default or names[0]
    if default and default not in names:
        fallback = f"using {names[0]}" if names else "no other environments found"
        warnings.append(f"The default environment {default} was not found: {fallback}.")
        default = ""
    if not default and not default_problem:
        default = next(iter(own.names if ungranted else names), "")
    return Environments(
        tuple(environments),
        default,
        tuple(dict.fromkeys(warnings)),
        ungranted,
        tuple(broken),
        default_problem,
    )


def _environment_from_variables(
    variables: Mapping[str, str],
) -> tuple[tuple[Environment, ...], list[str]]:
    values = {name: variables.get(name, "").strip() for name in ENVIRONMENT_VARIABLES}
    if not any(values.values()):
        return (), []
    region = values["MP_REGION"].lower() or Region.US
    if region not in list(Region):
        allowed = ", ".join(Region)
        raise SettingsError(
            f"MP_REGION must be one of {allowed}. {did_you_mean(region, Region)}".rstrip()
        )
    warnings = []
    account = None
    if values["MP_USERNAME"]:
        account = ServiceAccount(values["MP_USERNAME"], FromVariable("MP_SECRET"))
    elif values["MP_SECRET"]:
        warnings.append(
            "MP_SECRET is set, but MP_USERNAME is not: set it to the user name of the "
            "service account."
        )
    environment = Environment(
        name="default",
        region=Region(region),
        project_id=values["MP_PROJECT_ID"],
        workspace_id=values["MP_WORKSPACE_ID"],
        credentials=Credentials(values["MIXPANEL_TOKEN"], account),
        origin=FROM_VARIABLES,
    )
    return (environment,), warnings
