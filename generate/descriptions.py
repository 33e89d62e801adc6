"""What each key of a TOML file is for, as editors show it beside the key.

Every key that a reader knows has an entry, by its path: tables and rows joined with dots,
``*`` for a name that a person chooses.
"""

from __future__ import annotations

from mixtui.actions import ACTIONS
from mixtui.ui.themes import KEYS, is_text_style, variable_names

TITLES = {
    "request": "Saved request of mixtui",
    "environments": "Environments of mixtui (environments.toml)",
    "collection": "Collection of mixtui (mixtui.toml)",
    "config": "Settings of mixtui (config.toml)",
    "theme": "Theme of mixtui",
    "credentials": "Secrets typed into mixtui (credentials.toml)",
}

_REQUEST = {
    "name": "Name in the sidebar. Without one, the name of the file.",
    "description": "What the request is for.",
    "favorite": "Whether the request is a favorite: marked with a star, first in the finder.",
    "tags": "Words to find the request by: #tag in the finder, mixtui list --tag.",
    "method": "HTTP method.",
    "api": "API, which determines the base URL in each region: ingestion, query, lexicon "
    "(Lexicon Schemas), export (Raw Data Export), pipelines (Data Pipelines), connectors "
    "or app.",
    "url": "Relative URL: empty, or starts with / or ?. It is appended to the base URL of "
    "the API. {{name}} is a variable.",
    "input": "Values that are asked for when the request is sent, in this order.",
    "input.name": "Name: {{name}} is the value.",
    "input.description": "What the value is, shown where it is asked for.",
    "input.default": "Value if nothing else is entered; may contain templates such as "
    "{{today-7d}}. Without a default, a value is required.",
    "input.choices": "The only values allowed.",
    "input.choices_from": "Complete from the names of events or properties in the project; "
    "other values are allowed, too.",
    "input.event": "Only the properties of this event; needs choices_from = "
    '"properties".',
    "input.secret": "Mask the value wherever the request is shown, and never store it.",
    "path": "Values of the path parameters: the {name} placeholders in the URL.",
    "path.name": "Name in the URL, without braces.",
    "path.value": "Value, sent percent-encoded as one segment. {{name}} is a variable.",
    "path.enabled": "false: use the value of the environment instead.",
    "query": "Query parameters, sent in this order after those in the URL.",
    "query.name": "Name of the parameter.",
    "query.value": "Value, not encoded. {{name}} is a variable.",
    "query.enabled": "false: keep the parameter, but do not send it.",
    "headers": "Headers, besides Authorization and Content-Type, which mixtui adds.",
    "headers.name": "Name of the header.",
    "headers.value": "Value. {{name}} is a variable.",
    "headers.enabled": "false: keep the header, but do not send it.",
    "body": "Request body. Without this table, none is sent.",
    "body.type": "Format, which determines the content type. json: sent as typed; ndjson: "
    "one JSON value per line; form: one name=value per line, not encoded; csv; text; "
    "file: the file at path, byte for byte.",
    "body.text": "The body. {{name}} is a variable.",
    "body.path": "File to send, for the type file; relative to the folder of this file.",
    "options": "How to send the request.",
    "options.auth": "Credential to use. auto: follows the API, the path and the "
    "environment; none: no credentials.",
    "options.timeout": "Read timeout in seconds. Default: 120, or 600 for raw export.",
    "options.follow_redirects": "Follow redirects, only to the same host.",
    "options.delete_body": "Send the body of a DELETE request as well.",
    "options.history": "Record the request in history.",
    "options.insert_ids": "Add a missing $insert_id to each event, derived from its "
    "content, so that Mixpanel stores a resent event once.",
    "options.leave_out": "What mixtui would add to the request and must not: a parameter, "
    "a field of the records or a header.",
}
_SECRET = (
    "Where to read it: one of env, command, keyring and file. The secret itself is never "
    "in this file."
)


def _sources(path: str) -> dict[str, str]:
    return {
        f"{path}.env": "Name of the environment variable with the secret.",
        f"{path}.command": "Command that prints the secret; your shell runs it when a "
        "request is sent.",
        f"{path}.keyring": "Entry of the system keyring, as service/user; needs "
        "mixtui[keyring].",
        f"{path}.file": "File with the secret; relative to the folder of this file, or "
        "starting with ~.",
    }


_ENVIRONMENT = {
    "default": "Name of the environment to start with.",
    "environments": "Environments by name: [environments.NAME].",
    "environments.*": "An environment: region, project, credentials and variables.",
    "environments.*.region": "Region of the project's data; the wrong one loses data.",
    "environments.*.project_id": "Project id, as shown in the project's settings.",
    "environments.*.workspace_id": "Workspace id (data view); sent to the Query API.",
    "environments.*.organization_id": "Organization id, for requests about it.",
    "environments.*.read_only": "Block every request that writes.",
    "environments.*.confirm_writes": "Ask for confirmation before every write; to "
    "delete, type the project id.",
    "environments.*.history": "Record requests in history.",
    "environments.*.credentials": "Credentials. A secret is never here, only its source.",
    "environments.*.credentials.project_token": "Project token, for events and profiles; "
    "an identifier, not a secret.",
    "environments.*.credentials.service_account": "Service account, for all requests "
    "except events and profiles.",
    "environments.*.credentials.service_account.username": "Username of the service "
    "account, such as ci.1a2b3c.mp-service-account.",
    "environments.*.credentials.service_account.secret": f"Secret of the service "
    f"account. {_SECRET} Without one, it is in credentials.toml.",
    **_sources("environments.*.credentials.service_account.secret"),
    "environments.*.credentials.project_secret": f"Project secret, which Mixpanel "
    f"retires on 3 March 2027. {_SECRET}",
    **_sources("environments.*.credentials.project_secret"),
    "environments.*.credentials.oauth_token": f"OAuth token, for GDPR requests. {_SECRET}",
    **_sources("environments.*.credentials.oauth_token"),
    "environments.*.variables": "Variables for {{name}} in requests.",
    "environments.*.variables.*": "Value of the variable; templates in it are not "
    "expanded.",
    "environments.*.hosts": "Base URLs to use instead of Mixpanel's, by API.",
    "environments.*.tls": "Certificates (PEM files), relative to the folder of this file.",
    "environments.*.tls.ca_file": "Certificate authority to trust in addition.",
    "environments.*.tls.client_certificate": "Client certificate.",
    "environments.*.tls.client_key": "Private key of the client certificate.",
}
_ORDER = {
    "order": "The order of requests and folders in the sidebar, by folder.",
    "order.*": "Names in this folder, the first ones first; the rest comes after them by "
    'name. Files without .toml, folders with a / at the end; the top folder is ".".',
}
_HOST = (
    "Base URL of the {} API. Without a path, it replaces scheme and host; with one, the "
    "whole base URL."
)


def _hosts() -> dict[str, str]:
    from mixtui.mixpanel.apis import Api

    return {f"environments.*.hosts.{api}": _HOST.format(api.label) for api in Api}


_CONFIG = {
    "theme": "Theme: one of mixtui's or Textual's, or a file in the folder themes beside "
    "this one, without .toml.",
    "mouse": "false: leave the mouse to the terminal, to select and copy text.",
    "keys": "Keys of actions, by action id; “mixtui keys” lists them.",
    "history": "How much history stores: the newest entries within these limits.",
    "history.keep": "false: store nothing more. Stored entries stay until you purge them.",
    "history.count": "Maximum number of entries.",
    "history.days": "Maximum age of entries, in days.",
    "history.bytes": "Maximum size of all requests and bodies together, in bytes.",
}


def _keys() -> dict[str, str]:
    return {
        f"keys.{action.id}": f"{action.help} Scope: {action.scope}. Default: "
        f"{action.keys_text or 'no key'}."
        for action in ACTIONS
    }


_THEME = {
    "primary": "Main color: the focused border, headings and titles.",
    "secondary": "Second color.",
    "accent": "Color that stands out.",
    "success": "Color of success.",
    "warning": "Color of warnings.",
    "error": "Color of errors.",
    "foreground": "Default color of text.",
    "background": "Color of the screen.",
    "surface": "Background of panes and fields.",
    "panel": "Background of bars and dialogs.",
    "boost": "Transparent color that raises one surface above another.",
    "dark": "Whether the background is dark.",
    "ansi": "Whether colors are names of the terminal's 16 colors, such as ansi_cyan.",
    "luminosity_spread": "How much lighter and darker the derived shades are, 0 to 1.",
    "text_alpha": "Opacity of text, 0 to 1.",
    "variables": "CSS variables of Textual to set; the others are derived.",
}


def _theme() -> dict[str, str]:
    missing = KEYS - _THEME.keys()
    assert not missing, f"not described: {missing}"
    variables = {
        f"variables.{name}": "Text style: words such as bold, underline or reverse."
        if is_text_style(name)
        else "Color."
        for name in variable_names()
    }
    return {**_THEME, **variables}


_CREDENTIALS = {
    "*": "Secrets of the environment with this name. mixtui writes this file; others "
    "must not be able to read it (mode 0600). Do not share it.",
    "*.service_account": "SECRET of the service account. Better: keep it elsewhere, and "
    "name the source in environments.toml.",
    "*.project_secret": "SECRET: project secret. Better: keep it elsewhere, and name the "
    "source in environments.toml.",
    "*.oauth_token": "SECRET: OAuth token. Better: keep it elsewhere, and name the source "
    "in environments.toml.",
}

DESCRIPTIONS: dict[str, dict[str, str]] = {
    "request": _REQUEST,
    "environments": {**_ENVIRONMENT, **_hosts()},
    "collection": {**_ENVIRONMENT, **_hosts(), **_ORDER},
    "config": {**_CONFIG, **_keys()},
    "theme": _theme(),
    "credentials": _CREDENTIALS,
}
"""By kind of file, then by the path of the key."""
