"""What is wrong with an environment that is being typed: a sentence per field."""

from __future__ import annotations

import re
from collections.abc import Collection

from mixtui.core.environments import Environment
from mixtui.core.errors import DraftError
from mixtui.core.urls import base_for
from mixtui.mixpanel.apis import Api
from mixtui.storage.environment_file import name_problem
from mixtui.ui.environment_draft import EnvironmentDraft, SecretDraft, SecretKind, pairs

_VARIABLE_NAME = re.compile(r"[A-Za-z_][\w.:+-]*")
_PROCESS_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_A_SECRET = re.compile(r"(?=.*\d)[A-Za-z0-9]{24,}")


def problems(draft: EnvironmentDraft, taken: Collection[str]) -> dict[str, str]:
    """What is wrong, a sentence for each field that it is about, in the form's order.

    Args:
        draft: As typed.
        taken: The names of other environments.
    """
    found = {
        "name": _name_problem(draft.name.strip(), taken),
        "project_id": _id_problem("project", draft.project_id),
        "workspace_id": _id_problem("workspace", draft.workspace_id),
        "organization_id": _id_problem("organization", draft.organization_id),
        "username": _username_problem(draft),
        "service_account": _account_secret_problem(draft),
        "project_token": _token_problem(draft.project_token.strip()),
        "project_secret": _secret_problem(draft.project_secret),
        "oauth_token": _secret_problem(draft.oauth_token),
        "variables": _variables_problem(draft),
        "hosts": _hosts_problem(draft.hosts),
        "client_key": (
            "A client key needs its certificate: name that file too."
            if draft.client_key.strip() and not draft.client_certificate.strip()
            else ""
        ),
    }
    return {name: sentence for name, sentence in found.items() if sentence}


def _name_problem(name: str, taken: Collection[str]) -> str:
    if not name:
        return "Give the environment a name, such as prod-eu."
    if reason := name_problem(name):
        return f"This cannot be its name: {reason}."
    if name in taken:
        return f"There is an environment {name} already: choose another name."
    return ""


def _id_problem(what: str, text: str) -> str:
    text = text.strip()
    if not text or (text.isascii() and text.isdecimal()):
        return ""
    return f"A {what} id is a number, such as 1234567."


def _username_problem(draft: EnvironmentDraft) -> str:
    username = draft.username.strip()
    if not username and draft.service_account.given:
        return (
            "Type the service account's user name, or choose none for its secret: "
            "it looks like ci.1a2b3c.mp-service-account."
        )
    if ":" in username or any(c.isspace() or not c.isprintable() for c in username):
        return "A user name holds no colon and no blanks."
    return ""


def _account_secret_problem(draft: EnvironmentDraft) -> str:
    secret = draft.service_account
    if draft.username.strip() and secret.kind is SecretKind.NONE:
        return "Say where the service account's secret comes from."
    if not draft.username.strip() and not secret.given:
        return ""
    return _secret_problem(secret)


def _secret_problem(secret: SecretDraft) -> str:
    place = secret.place.strip()
    match secret.kind:
        case SecretKind.NONE:
            return ""
        case SecretKind.TYPED:
            return "" if secret.given else "Type the secret, or choose its source."
        case SecretKind.VARIABLE if not _PROCESS_VARIABLE.fullmatch(place):
            return "Type the variable's name, such as MP_SECRET."
        case SecretKind.KEYRING if not all(place.rpartition("/")):
            return "Write service/user, such as mixtui/prod-eu."
        case _ if not place:
            return f"Type the {secret.kind}."
        case _ if not place.isprintable():
            return f"The {secret.kind} holds control characters."
        case _ if _LIKE_A_SECRET.fullmatch(place):
            return (
                "This looks like the secret itself, and would be written to "
                "environments.toml: choose “typed here” for it."
            )
        case _:
            return ""


def _token_problem(token: str) -> str:
    if any(c.isspace() or not c.isprintable() for c in token):
        return "A project token holds no blanks."
    return ""


def _variables_problem(draft: EnvironmentDraft) -> str:
    if wrong := _wrong_line(draft.variables, "name = value"):
        return wrong
    names = [name for name, _ in pairs(draft.variables)]
    for name in names:
        if not _VARIABLE_NAME.fullmatch(name):
            return (
                f"“{name}” cannot name a variable: "
                "it starts with a letter and holds no blanks."
            )
    return _twice([*names, *draft.unshown_variables])


def _hosts_problem(text: str) -> str:
    if wrong := _wrong_line(text, "api = https://…"):
        return wrong
    rows = pairs(text)
    for api, url in rows:
        if api not in list(Api):
            return f"“{api}” is no API; there are {', '.join(Api)}."
        try:
            base_for(Api(api), Environment("this one", hosts={Api(api): url}))
        except DraftError as error:
            return str(error)
    return _twice([api for api, _ in rows])


def _wrong_line(text: str, form: str) -> str:
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, _ = line.partition("=")
        if line.strip() and not (equals and name.strip()):
            return f"Line {number} must look like {form}."
    return ""


def _twice(names: list[str]) -> str:
    twice = next((name for name in names if names.count(name) > 1), None)
    return f"“{twice}” is there twice: keep one." if twice else ""
