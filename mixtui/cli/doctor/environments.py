"""The environments: which credentials they have, and whether those can be read.

Names of environments, regions and the kinds of sources are reported; ids, user names,
commands, paths and values are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from mixtui.cli.doctor.finding import Finding
from mixtui.cli.doctor.mask import without_quotations
from mixtui.cli.doctor.places import Places
from mixtui.model.environment import Environment, Environments
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    SecretReader,
    SecretSource,
)
from mixtui.model.trust import FULL_TRUST, Trust
from mixtui.session import ENVIRONMENT_VARIABLE, SANDBOX_VARIABLE
from mixtui.storage.paths import COLLECTION_FILE, CREDENTIALS_FILE, ENVIRONMENTS_FILE
from mixtui.text import pluralise

_FILES = (ENVIRONMENTS_FILE, COLLECTION_FILE, CREDENTIALS_FILE)


class Credentials(Struct):
    """What `doctor` knows of the environments and their secrets."""

    environments: Environments = field(default_factory=Environments)
    trust: Trust = FULL_TRUST
    reader: SecretReader = field(default_factory=SecretReader)
    requested: str = ""
    """The environment to report; empty = all."""
    problem: str = ""
    """Why they cannot be read, in a sentence."""
    variable: str = ""
    """The environment that a variable chooses; empty = none does."""

    @property
    def selected(self) -> tuple[Environment, ...]:
        """Those to report."""
        if not self.requested:
            return self.environments.all
        found = self.environments.get(self.requested)
        return () if found is None else (found,)

    def known_secrets(self) -> Iterator[str]:
        """Yield what identifies a project or an account, and secrets that are at hand.

        No command is run, no keyring and no file is read.
        """
        for each in self.environments.all:
            credentials = each.credentials
            yield credentials.project_token
            if account := credentials.service_account:
                yield account.username
            for _, source in secret_sources(each):
                yield from _at_hand(source, self.reader, each)


def load_credentials(
    places: Places, requested: str, variables: Mapping[str, str]
) -> Credentials:
    """Read the environments, without their secrets.

    Args:
        places: The folders.
        requested: As `Credentials.requested`.
        variables: The environment of the process.
    """
    from mixtui.storage.credentials import StoredCredentials
    from mixtui.storage.environments import load_environments
    from mixtui.storage.trust import TrustStore

    stored = StoredCredentials(places.config / CREDENTIALS_FILE)
    root = places.collection
    trust = TrustStore().trust_in(root) if root is not None else FULL_TRUST
    reader = SecretReader(stored.get, variables)
    try:
        loaded = load_environments(places.config, root, stored, variables, trust)
    except MixtuiError as error:
        problem = without_quotations(str(error))
        return Credentials(trust=trust, reader=reader, problem=problem)
    variable = variables.get(ENVIRONMENT_VARIABLE, "")
    result = Credentials(loaded, trust, reader, requested, variable=variable)
    if origin := variables.get(SANDBOX_VARIABLE, ""):
        return _with_sandbox(result, origin, variables)
    return result


def _with_sandbox(
    credentials: Credentials, origin: str, variables: Mapping[str, str]
) -> Credentials:
    from msgspec.structs import replace

    from mixtui.session import with_sandbox

    environments, reader = with_sandbox(
        credentials.environments, credentials.reader, origin, variables
    )
    return replace(credentials, environments=environments, reader=reader)


def find_environments(
    credentials: Credentials, *, read_secrets: bool
) -> Iterator[Finding]:
    """Report the environments.

    Args:
        credentials: Of all environments.
        read_secrets: Read every secret: runs commands, asks the keyring.
    """
    environments = credentials.environments
    if credentials.problem:
        text = credentials.problem.removesuffix(".")
        remedy = "Fix the file: none of its environments can be used."
        yield Finding("environments", text, remedy, ExitStatus.USAGE)
        return
    chosen = (
        (credentials.requested, credentials.requested),
        (credentials.variable, f"{credentials.variable} (${ENVIRONMENT_VARIABLE})"),
    )
    for name, label in chosen:
        if name and environments.get(name) is None:
            broken = environments.problem(name)
            text = "is broken (see files)" if broken else "was not found"
            remedy = "List environments with “mixtui env list”."
            yield Finding(label, text, remedy, ExitStatus.USAGE)
    for warning in environments.warnings:
        # Those of a file are reported with it.
        if not any(name in warning.partition(": ")[0] for name in _FILES):
            text = without_quotations(warning).removesuffix(".")
            yield Finding("environments", text, "Fix or remove it.")
    if not environments.all and not environments.broken:
        remedy = "Add one with “mixtui env add”."
        yield Finding("environments", "none", remedy)
    for each in credentials.selected:
        is_default = each.name == environments.default
        yield from _environment(each, credentials, is_default, read_secrets)


def _environment(
    environment: Environment,
    credentials: Credentials,
    is_default: bool,
    read_secrets: bool,
) -> Iterator[Finding]:
    name = environment.name
    facts = [
        f"region {environment.region}",
        "project set" if environment.project_id else "no project",
        environment.write_label,
    ]
    if is_default:
        facts.append("default")
    if not environment.history:
        facts.append("no history")
    if environment.hosts:
        facts.append(pluralise(len(environment.hosts), "custom host"))
    remedy = "" if environment.project_id else "Most requests need its project_id."
    yield Finding(name, " · ".join(facts), remedy)
    if environment.ungranted:
        remedy = "Look at what it needs with “mixtui trust DIR --list”."
        kinds = ", ".join(sorted({power.kind.value for power in environment.ungranted}))
        yield Finding(name, f"not trusted with: {kinds}", remedy, ExitStatus.USAGE)
        return  # Reading a secret may run a command.
    if environment.credentials.project_token:
        yield Finding(name, "project token: in the file")
    sources = list(secret_sources(environment))
    for label, source in sources:
        text = f"{label}: {source_label(source)}"
        problem = _source_problem(source, credentials.reader, read_secrets)
        if problem:
            what, remedy = problem
            text = f"{text}, {what}"
            yield Finding(name, text, remedy, ExitStatus.CREDENTIALS)
        else:
            yield Finding(name, f"{text}, {_verdict(source, read_secrets)}")
    if not sources and not environment.credentials.project_token:
        remedy = "Add a service account."
        yield Finding(name, "no credentials", remedy, ExitStatus.CREDENTIALS)


def secret_sources(environment: Environment) -> Iterator[tuple[str, SecretSource]]:
    """Yield each kind of credential of an environment that is a secret, with its source."""
    credentials = environment.credentials
    if credentials.service_account:
        yield "service account", credentials.service_account.secret
    if credentials.project_secret:
        yield "project secret", credentials.project_secret
    if credentials.oauth_token:
        yield "OAuth token", credentials.oauth_token


def source_label(source: SecretSource) -> str:
    """Name the kind of a source; of variables the name, too, as it is typed everywhere."""
    match source:
        case FromVariable(name):
            return f"variable {name}"
        case FromCommand():
            return "a command"
        case FromKeyring():
            return "the keyring"
        case FromFile():
            return "a file"
        case _:
            return str(source)


_REMEDIES: dict[type, tuple[str, str]] = {
    FromCommand: ("cannot be read", "Run its command in a terminal to see why."),
    FromKeyring: ("cannot be read", "Unlock the keyring, or store the secret in it."),
    FromFile: ("cannot be read", "Fix the path or the content: a secret is one line."),
    FromVariable: ("is not set or empty", "Export it before you start mixtui."),
    FromCredentialsFile: ("is missing", "Enter it on the environments screen."),
}


def _source_problem(
    source: SecretSource, reader: SecretReader, read: bool
) -> tuple[str, str] | None:
    """Return what is wrong with a source, and what to do; None = nothing is known to be."""
    match source:
        case FromVariable() | FromCredentialsFile():
            is_good = _is_readable(source, reader)
        case FromFile(path) if not read:
            is_good = os.access(Path(os.path.expanduser(path)), os.R_OK)
        case FromKeyring() if not read:
            from importlib.util import find_spec

            if find_spec("keyring") is None:
                return "needs another package", "Install mixtui[keyring]."
            is_good = True
        case _:
            is_good = not read or _is_readable(source, reader)
    return None if is_good else _REMEDIES[type(source)]


def _verdict(source: SecretSource, read: bool) -> str:
    match source:
        case FromVariable():
            return "set"
        case FromFile() if not read:
            return "readable"
        case FromCommand() | FromKeyring() if not read:
            return "not tried (--read-secrets does)"
        case _:
            return "can be read"


def _is_readable(source: SecretSource, reader: SecretReader) -> bool:
    try:
        reader.read(source)
    except MixtuiError:
        return False  # Its sentence may name a command, with what is typed in it.
    return True


def _at_hand(
    source: SecretSource, reader: SecretReader, environment: Environment
) -> Iterator[str]:
    match source:
        case FromVariable() | FromCredentialsFile() if not environment.ungranted:
            try:
                yield reader.read(source).reveal()
            except MixtuiError:
                return
        case FromCommand(text) | FromKeyring(text) | FromFile(text):
            yield text
        case _:
            return


def find_trust(places: Places, credentials: Credentials) -> Iterator[Finding]:
    """Report what the files of the collection may use."""
    if places.collection is None:
        return
    trust = credentials.trust
    if trust.root is None:
        yield Finding("collection", "trusted: created on this machine")
        return
    needed = set(credentials.environments.ungranted)
    for each in credentials.environments.all:
        needed.update(each.ungranted)
    granted = f"trusted with {len(trust.granted)} of the things it may need"
    text = granted if trust.granted else "not trusted"
    if needed:
        kinds = ", ".join(sorted({power.kind.value for power in needed}))
        remedy = "Look at it with “mixtui trust DIR --list”, then trust it."
        yield Finding("collection", f"{text}; its environments need: {kinds}", remedy)
    else:
        yield Finding("collection", f"{text}; its environments need nothing more")
