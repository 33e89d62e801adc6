"""The authentication of a Postman request, its own or inherited."""

from __future__ import annotations

from dataclasses import dataclass

from mixtui.core.requests import AuthChoice, Pair
from mixtui.interchange.credentials import basic, credential
from mixtui.interchange.found import ExtractedCredential
from mixtui.interchange.notes import Notes
from mixtui.interchange.postman_variables import Variables
from mixtui.interchange.values import Value, mapping, mappings, plain, text
from mixtui.mixpanel.credentials import CredentialKind
from mixtui.mixpanel.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a request is sent with."""

    choice: AuthChoice = AuthChoice.AUTO
    credentials: tuple[ExtractedCredential, ...] = ()
    query: tuple[Pair, ...] = ()
    headers: tuple[Pair, ...] = ()


def authentication(
    node: Value, endpoint: Endpoint, variables: Variables, notes: Notes
) -> Authentication:
    """What ``auth`` asks for; None inherits nothing: what suits is sent."""
    auth = mapping(node)
    kind = text(auth.get("type"))
    given = {name: variables.filled(value) for name, value in _settings(auth.get(kind))}
    match kind:
        case "" | "inherit":
            return Authentication()
        case "noauth":
            # A token in each record is no header; mixtui knows where it goes.
            inside = endpoint.token_authenticates
            return Authentication(AuthChoice.AUTO if inside else AuthChoice.NONE)
        case "basic":
            found = basic(
                given.get("username", ""), given.get("password", ""), endpoint
            )
            return _found(found, endpoint, notes)
        case "bearer":
            return _bearer(given.get("token", ""), endpoint, notes)
        case "oauth2":
            return _bearer(given.get("accessToken", ""), endpoint, notes)
        case "apikey":
            return _api_key(given, notes)
    notes.add(
        f"Its authentication {kind} is none of Mixpanel's: what suits the endpoint is "
        "sent."
    )
    return Authentication()


def _found(
    found: tuple[ExtractedCredential, ...], endpoint: Endpoint, notes: Notes
) -> Authentication:
    if not found:
        notes.add(
            "The file holds no value for its credential: the environment's is sent."
        )
        return Authentication()
    kind = found[0].kind
    suits = kind in endpoint.credentials
    return Authentication(
        AuthChoice.AUTO if suits else AuthChoice(kind.value), credentials=found
    )


def _bearer(token: str, endpoint: Endpoint, notes: Notes) -> Authentication:
    found = credential(CredentialKind.OAUTH, token)
    if not found:
        notes.add("The file holds no value for its bearer token.")
    return Authentication(AuthChoice.OAUTH, credentials=found)


def _api_key(given: dict[str, str], notes: Notes) -> Authentication:
    row = Pair(given.get("key", ""), given.get("value", ""))
    if row.name.lower() not in ("token", "api_secret", "authorization"):
        notes.add(
            f"Its API key {row.name or '(without a name)'} is none of Mixpanel's and is "
            "left out."
        )
        return Authentication()
    if given.get("in") == "query":
        return Authentication(query=(row,))
    return Authentication(headers=(row,))


def _settings(node: Value) -> list[tuple[str, str]]:
    """A list of rows in 2.1, an object in 2.0."""
    if isinstance(node, dict):
        return [(name, plain(value)) for name, value in node.items()]
    return [(plain(row.get("key")), plain(row.get("value"))) for row in mappings(node)]
