"""The details of an environment, as the screen shows them; of a secret its source alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from textual.content import Content

from mixtui.mixpanel.apis import Region
from mixtui.model.environment import (
    FROM_SANDBOX,
    FROM_VARIABLES,
    Environment,
    Environments,
)
from mixtui.model.secrets import REDACTED, FromCredentialsFile, SecretSource
from mixtui.request.secret_names import holds_secret
from mixtui.storage.environment_store import EnvironmentStore
from mixtui.storage.paths import COLLECTION_FILE, short_path
from mixtui.text import sanitize
from mixtui.ui.widgets.text_page import columns

REGIONS = {
    Region.US: "United States",
    Region.EU: "European Union",
    Region.IN: "India",
}
_LEFT = 17
_MOST_VARIABLES = 200
"""Variables that are listed; laying out thousands would take seconds."""
_Row = tuple[Content, Content]


def details(
    environment: Environment, store: EnvironmentStore, width: int, *, title: bool
) -> Content:
    """Lay out everything about an environment in lines of `width` cells."""
    name = Content.styled(sanitize(environment.name), "bold $text-primary")
    head = [name, Content()] if title else []
    rows = [
        *_facts(environment),
        *_credentials(environment, store),
        *_extras(environment),
        _row("Defined in", Content.styled(origin_path(environment), "$text-muted")),
    ]
    return Content("\n").join([*head, *columns(rows, _LEFT, width)])


def safety_label(environment: Environment) -> Content:
    """Return what a write does in it, in words as well as colour."""
    if environment.read_only:
        return Content.styled(environment.write_label, "$text-success")
    if environment.origin == FROM_SANDBOX:
        return Content.styled("sandbox", "$text-success")
    return Content.styled(f"LIVE: {environment.write_label}", "bold $text-error")


def summary(environment: Environment) -> Content:
    """Return region, project, safety and origin in a line."""
    project = environment.project_id
    facts = [
        Content(str(environment.region)),
        Content(f"project {sanitize(project)}" if project else "no project"),
        safety_label(environment),
    ]
    origin = kind_of_origin(environment)
    if origin and origin != FROM_SANDBOX:  # Its safety says that already.
        facts.append(Content(sanitize(origin)))
    return Content(" · ").join(facts)


def origin_path(environment: Environment) -> str:
    """Return the file or source that declares it, with ``~`` for the home folder."""
    return sanitize(short_path(environment.origin))


def origin_label(environment: Environment) -> str:
    """Return where it comes from, for a sentence."""
    if environment.origin == FROM_VARIABLES:
        return "the MP_* environment variables"
    return origin_path(environment)


def kind_of_origin(environment: Environment) -> str:
    """Return a word for where it comes from; empty = the user's own file."""
    if environment.origin == FROM_VARIABLES:
        return "variables"
    if Path(environment.origin).name == COLLECTION_FILE:
        return "collection"
    return "" if "/" in environment.origin else environment.origin


def reserves_name(environment: Environment) -> bool:
    """Whether no other may have its name: variables and the collection give way."""
    return kind_of_origin(environment) not in ("variables", "collection")


def reserved_names(environments: Environments) -> frozenset[str]:
    """Return the names that a new environment cannot have."""
    return frozenset(each.name for each in environments.all if reserves_name(each))


def _facts(environment: Environment) -> Iterator[_Row]:
    region = environment.region
    yield _row("Region", Content(f"{region} · {REGIONS[region]}"))
    project = sanitize(environment.project_id)
    yield _row(
        "Project",
        Content(project)
        if project
        else _warning("none (most requests need a project ID)"),
    )
    if environment.workspace_id:
        yield _row("Workspace", Content(sanitize(environment.workspace_id)))
    if environment.organization_id:
        yield _row("Organization", Content(sanitize(environment.organization_id)))
    yield _row("Safety", _safety(environment))
    if not environment.history:
        yield _row("History", Content("not recorded"))


def _safety(environment: Environment) -> Content:
    label = environment.write_label
    if environment.read_only:
        return Content.styled(label, "$text-success")
    return Content(label) if environment.confirm_writes else _warning(label)


def _credentials(environment: Environment, store: EnvironmentStore) -> Iterator[_Row]:
    credentials = environment.credentials
    account = credentials.service_account
    if account is not None:
        yield _row("Service account", Content(sanitize(account.username)))
        yield _row("", _secret(account.secret, store))
    else:
        yield _row("Service account", Content.styled("none", "$text-muted"))
    token = sanitize(credentials.project_token)
    yield _row("Project token", Content(token) if token else _none())
    if credentials.project_secret is not None:
        yield _row("Project secret", _secret(credentials.project_secret, store))
        yield _row(
            "",
            Content.styled(
                "Mixpanel retires project secrets on 3 March 2027", "$text-muted"
            ),
        )
    if credentials.oauth_token is not None:
        yield _row("OAuth token", _secret(credentials.oauth_token, store))


def _secret(source: SecretSource, store: EnvironmentStore) -> Content:
    location = "in" if isinstance(source, FromCredentialsFile) else "from"
    content = Content(f"{REDACTED} {location} {sanitize(str(source))}")
    if problem := store.secret_problem(source):
        return content + " · " + _warning(sanitize(problem))
    return content


def _variables(variables: Mapping[str, str]) -> list[str]:
    """Return a line for each of the first variables, and how many others there are."""
    shown = [
        f"{name} = {REDACTED if holds_secret(name) else value}"
        for name, value in islice(variables.items(), _MOST_VARIABLES)
    ]
    if more := len(variables) - len(shown):
        shown.append(f"and {more:,} more")
    return shown


def _extras(environment: Environment) -> Iterator[_Row]:
    tls = environment.tls
    groups = (
        ("Variables", _variables(environment.variables)),
        ("Hosts", [f"{api} → {url}" for api, url in environment.hosts.items()]),
        ("CA file", [tls.ca_file]),
        ("Certificate", [tls.client_certificate]),
        ("Certificate key", [tls.client_key]),
    )
    for label, lines in groups:
        for number, line in enumerate(filter(None, lines)):
            yield _row("" if number else label, Content(sanitize(line)))


def _row(label: str, text: Content) -> _Row:
    return Content.styled(label, "$text-muted"), text


def _warning(text: str) -> Content:
    return Content.styled(text, "$text-warning")


def _none() -> Content:
    return Content.styled("none", "$text-muted")
