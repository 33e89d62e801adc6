"""``mixtui schema``: the JSON Schemas of the TOML files, for editors."""

from __future__ import annotations

import os

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console

SCHEMAS = {
    "request": "saved requests",
    "environments": "environments.toml",
    "collection": "mixtui.toml, in the folder of a collection",
    "config": "config.toml: theme, keys, history",
    "theme": "a theme, in the folder themes",
    "credentials": "credentials.toml; mixtui writes it, and it holds secrets",
}
"""The files of each schema."""


def schema_arguments() -> Parser:
    """Return the parser of ``mixtui schema``."""
    width = max(map(len, SCHEMAS))
    table = "\n".join(f"  {name:<{width}}  {label}" for name, label in SCHEMAS.items())
    parser = Parser(
        "schema",
        "Print the JSON Schema (draft 7) of a TOML file of mixtui, or write all of them\n"
        "into a folder, with a .taplo.toml that assigns them to files. Editors with\n"
        f"taplo then complete and check keys. Schemas:\n{table}",
        (
            "mixtui schema request > request.json",
            "mixtui schema -o ~/.config/mixtui",
            "mixtui schema -o . && taplo lint",
        ),
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        choices=tuple(SCHEMAS),
        help="schema; without one, list them",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="write the schemas to NAME.json in DIR, and .taplo.toml if there is none",
    )
    return parser


def run_schema(arguments: Namespace, console: Console) -> int:
    """Print or write; return the exit status."""
    from mixtui.cli.schemas import read_schema
    from mixtui.model.errors import ExitStatus

    if arguments.output:
        names = (arguments.name,) if arguments.name else tuple(SCHEMAS)
        _write(arguments.output, names, console)
    elif arguments.name:
        console.print(read_schema(arguments.name).rstrip("\n"))
    else:
        console.print_columns(list(SCHEMAS.items()))
    return ExitStatus.ACCEPTED


def _write(output: str, names: tuple[str, ...], console: Console) -> None:

    from mixtui.cli.schemas import TAPLO_FILE, read_schema, taplo_rules
    from mixtui.model.errors import NameTaken, StorageError
    from mixtui.storage import files

    folder = console.folder / os.path.expanduser(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            folder, f"The folder {folder} cannot be created: {error.strerror}."
        ) from None
    for name in names:
        path = folder / f"{name}.json"
        files.write(path, read_schema(name).encode())
        console.report(f"Wrote {path}.")
    path = folder / TAPLO_FILE
    try:
        files.create(path, taplo_rules(names).encode())
        console.report(f"Wrote {path}.")
    except NameTaken:
        console.report(f"{path} exists and was not changed; it may need rules.")
