"""The commands: name, module, and what each does in a line."""

from __future__ import annotations

COMMANDS = {
    "send": ("mixtui.cli.send", "send", "send a request, saved or typed here"),
    "list": ("mixtui.cli.list_requests", "list", "list the saved requests"),
    "show": ("mixtui.cli.show", "show", "print a saved request"),
    "operations": (
        "mixtui.cli.operations",
        "operations",
        "look up what Mixpanel's API can do",
    ),
    "new": ("mixtui.cli.new", "new", "make a request of an operation"),
    "import curl": ("mixtui.cli.import_curl", "curl", "take a curl command over"),
    "import openapi": (
        "mixtui.cli.import_openapi",
        "openapi",
        "take an OpenAPI file over",
    ),
    "import postman": (
        "mixtui.cli.import_postman",
        "postman",
        "take a Postman collection over",
    ),
    "export": (
        "mixtui.cli.export",
        "export",
        "print a request for curl, Python or HTTPie",
    ),
    "env list": ("mixtui.cli.env_list", "list", "list the environments"),
    "env show": ("mixtui.cli.env_show", "show", "print an environment, secrets masked"),
    "env add": ("mixtui.cli.env_add", "add", "add an environment"),
    "env check": (
        "mixtui.cli.env_check",
        "check",
        "check environments and their secrets",
    ),
    "history list": ("mixtui.cli.history_list", "list", "list what was exchanged"),
    "history show": (
        "mixtui.cli.history_show",
        "show",
        "print an exchange or its body",
    ),
    "history purge": ("mixtui.cli.history_purge", "purge", "forget what was exchanged"),
    "quota": ("mixtui.cli.quota", "quota", "say how many calls a project has left"),
    "keys": ("mixtui.cli.keys", "keys", "list the keys of the screen"),
    "sandbox": ("mixtui.cli.sandbox", "sandbox", "run a local stand-in for Mixpanel"),
}
"""Name: module, verb and summary. The module has ``VERB_arguments()``, a `Parser`, and
``run_VERB(arguments, console)``, which returns the exit status. Names of two words are
a group and a command in it."""


def table(group: str = "") -> str:
    """The commands, or those of a group, with their lines."""
    rows = {n: line for n, (_, _, line) in COMMANDS.items() if n.startswith(group)}
    width = max(len(name) for name in rows)
    return "\n".join(f"  {name:<{width}}  {line}" for name, line in rows.items())
