"""The names of the commands, and what each does."""

from __future__ import annotations

COMMANDS = {
    "init": "create a collection with starter requests",
    "send": "send a request",
    "list": "list saved requests",
    "show": "print a saved request",
    "operations": "search Mixpanel operations",
    "new": "create a request from an operation",
    "import curl": "import a curl command",
    "import openapi": "import an OpenAPI file",
    "import postman": "import a Postman collection",
    "export": "export a request as curl, HTTPie or Python",
    "events import": "import events in bulk, and account for every record",
    "events export": "export events in bulk, day by day, to a file or table",
    "events query": "run SQL on exported events, for no quota",
    "profiles import": "import user profiles in bulk: set, add, append, delete, …",
    "profiles export": "export user profiles to JSON lines, CSV or Parquet",
    "groups import": "import group profiles in bulk",
    "groups export": "export group profiles to JSON lines, CSV or Parquet",
    "migrate": "copy events and profiles to another project, and compare",
    "jobs list": "list bulk jobs, also those of other programs",
    "jobs show": "print how far a job is, and why it stopped",
    "jobs stop": "let a running job stop cleanly",
    "jobs resume": "continue a job",
    "jobs remove": "delete the journals of jobs",
    "schemas pull": "write a project's Lexicon schemas into files",
    "schemas push": "make a project's Lexicon schemas like the files",
    "annotations pull": "write a project's annotations into a file",
    "annotations push": "make a project's annotations like the file",
    "lookup list": "list lookup tables",
    "lookup push": "replace a lookup table by a CSV file",
    "env list": "list environments",
    "env show": "print an environment, with secrets masked",
    "env add": "add an environment",
    "env check": "check environments and their secrets",
    "history list": "list history entries",
    "history show": "print a history entry or its response body",
    "history purge": "delete history entries",
    "quota": "show a project's remaining quota",
    "trust": "trust someone else's collection",
    "doctor": "examine the installation, for a bug report",
    "keys": "list the app's keys",
    "completions": "print shell completion for bash, zsh or fish",
    "schema": "print JSON Schemas of the TOML files",
    "sandbox": "run a local stand-in for Mixpanel",
    "help": "explain a topic, such as environments or outcomes",
}
"""What each command does, by its name: one word, or a group and a command in it."""


def command_table(group: str = "") -> str:
    """Return the commands, or those of a group, one a line with what each does."""
    rows = {n: line for n, line in COMMANDS.items() if n.startswith(group)}
    width = max(len(name) for name in rows)
    return "\n".join(f"  {name:<{width}}  {line}" for name, line in rows.items())
