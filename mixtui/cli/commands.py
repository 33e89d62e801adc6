"""The commands: name, module, and what each does in a line."""

from __future__ import annotations

COMMANDS = {
    "send": ("mixtui.cli.send", "send a request, saved or typed here"),
    "list": ("mixtui.cli.list_requests", "list the saved requests"),
    "show": ("mixtui.cli.show", "print a saved request"),
    "operations": ("mixtui.cli.operations", "look up what Mixpanel's API can do"),
    "new": ("mixtui.cli.new", "make a request of an operation"),
    "import curl": ("mixtui.cli.import_curl", "take a curl command over"),
    "import openapi": ("mixtui.cli.import_openapi", "take an OpenAPI file over"),
    "import postman": ("mixtui.cli.import_postman", "take a Postman collection over"),
    "export": ("mixtui.cli.export", "print a request for curl, Python or HTTPie"),
    "env list": ("mixtui.cli.env_list", "list the environments"),
    "env show": ("mixtui.cli.env_show", "print an environment, secrets masked"),
    "env add": ("mixtui.cli.env_add", "add an environment"),
    "env check": ("mixtui.cli.env_check", "check environments and their secrets"),
    "history list": ("mixtui.cli.history_list", "list what was exchanged"),
    "history show": ("mixtui.cli.history_show", "print an exchange or its body"),
    "history purge": ("mixtui.cli.history_purge", "forget what was exchanged"),
    "quota": ("mixtui.cli.quota", "say how many calls a project has left"),
    "keys": ("mixtui.cli.keys", "list the keys of the screen"),
    "sandbox": ("mixtui.cli.sandbox", "run a local stand-in for Mixpanel"),
}
"""Each module has ``arguments()``, a `Parser`, and ``run(arguments, console)``, which
returns the exit status. Names of two words are a group and a command in it."""


def table(group: str = "") -> str:
    """The commands, or those of a group, with their lines."""
    rows = {n: line for n, (_, line) in COMMANDS.items() if n.startswith(group)}
    width = max(len(name) for name in rows)
    return "\n".join(f"  {name:<{width}}  {line}" for name, line in rows.items())
