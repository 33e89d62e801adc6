"""``mixtui list``, ``show`` and ``export``: the saved requests."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.cli.hints import Hints
    from mixtui.model.draft import Draft
    from mixtui.model.errors import BrokenFile
    from mixtui.storage.heads import RequestHead
    from mixtui.storage.tree import Folder


def list_arguments() -> Parser:
    parser = Parser(
        "list",
        "List saved requests in tree order: Folder/Name, method, ★ for favorites, #tags.\n"
        "“mixtui send” and “mixtui show” accept Folder/Name, the name alone, or the path\n"
        "of the file. Broken files are listed with their error.",
        (
            "mixtui list",
            "mixtui list --tag weekly --favorite",
            "mixtui list --collection ~/mixpanel",
            "mixtui list --json | jq -r '.[] | select(.method != \"GET\") | .path'",
        ),
    )
    parser.add_argument("--collection", metavar="DIR", help="folder to list")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="TAG",
        help="only requests with this tag; repeatable: all of them",
    )
    parser.add_argument("--favorite", action="store_true", help="only favorites")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    is_plain = not (arguments.json or arguments.tag or arguments.favorite)
    if is_plain and (text := _kept_listing(arguments, console)) is not None:
        _print_lines(text, console)
        return 0
    import time
    from collections import Counter

    from mixtui.cli.arguments import open_collection
    from mixtui.model.errors import ExitStatus

    began = time.time_ns()
    collection = open_collection(arguments, console)
    tree = collection.scan()
    every_row = list(_rows(tree, (), collection.heads(tree)))
    rows = [row for row in every_row if _is_listed(row, arguments)]
    if len(rows) < len(every_row) and (broken := _broken_count(every_row)):
        console.report(f"{broken} not searched. “mixtui list” shows why.")
    if arguments.json:
        console.print_json(rows)
        return ExitStatus.ACCEPTED
    uses = Counter(row["location"] for row in rows)
    # Where two requests have one name, only their paths tell them apart.
    labels = [
        row["location"] if uses[row["location"]] == 1 else row["path"] for row in rows
    ]
    width = max(map(len, labels), default=0)
    lines: list[str] = []
    for label, row in zip(labels, rows, strict=True):
        problem = f"  (broken) {row['problem']}" if row["problem"] else ""
        star = ["★"] if row["favorite"] else []
        marks = " ".join([*star, *(f"#{tag}" for tag in row["tags"])])
        line = f"{label:<{width}}  {row['method'] or '':<6}{problem}  {marks}"
        lines.append(line.rstrip())
    _print_lines("\n".join(lines), console)
    if is_plain and not _broken_count(every_row):
        _keep_listing(tree, "\n".join(lines), began)
    if not every_row:
        console.report(f"No saved requests in {collection.root}.")
    elif not rows:
        console.report(_no_matches(arguments, every_row))
    return ExitStatus.ACCEPTED


def _kept_listing(arguments: Namespace, console: Console) -> str | None:
    """Return the lines of the last time, if nothing in the collection has changed."""
    from mixtui.folders import NoFolder, collection_root, working_folder
    from mixtui.storage.listing import kept_listing

    try:
        folder = working_folder()
        root = collection_root(arguments.collection or None, folder, console.variables)
    except (NoFolder, FileNotFoundError):
        return None  # The long way says what is wrong.
    return kept_listing(root)


def _keep_listing(tree: Folder, text: str, began_ns: int) -> None:
    """Keep the lines of a collection without a problem."""
    from mixtui.storage.listing import keep_listing

    folders = [str(each.path) for each in tree.all_folders()]
    files = [str(entry.path) for entry in tree.all_requests()]
    keep_listing(str(tree.path), folders, files, text, began_ns)


def _print_lines(text: str, console: Console) -> None:
    """Print lines of other people; on a terminal, each is sanitized."""
    if console.stdout_is_terminal:
        for line in text.split("\n") if text else ():
            console.print_untrusted(line)
    elif text:
        console.print(text)


def _is_listed(row: dict[str, Any], arguments: Namespace) -> bool:
    from mixtui.storage.tags import has_tags

    is_favorite = row["favorite"] or not arguments.favorite
    is_tagged = not arguments.tag or has_tags(row["tags"], arguments.tag)
    return is_favorite and is_tagged


def _broken_count(rows: list[dict[str, Any]]) -> str:
    """Return how many requests could not be read, as a subject; empty = none."""
    from mixtui.text import pluralise

    count = sum(row["problem"] is not None for row in rows)
    verb = "was" if count == 1 else "were"
    return f"{pluralise(count, 'broken file')} {verb}" if count else ""


def _no_matches(arguments: Namespace, rows: list[dict[str, Any]]) -> str:
    """Return the sentence that no request is listed, with the tag that was meant."""
    from mixtui.spelling import did_you_mean
    from mixtui.storage.tags import has_tags

    known = sorted({tag for row in rows for tag in row["tags"]})
    for tag in arguments.tag:
        if not any(has_tags(row["tags"], [tag]) for row in rows):
            hint = did_you_mean(tag, known, f"Tags: {', '.join(known) or 'none'}.")
            return f"No saved request has the tag “{tag}”. {hint}"
    return "No saved request matches."


def _rows(
    folder: Folder,
    parents: tuple[str, ...],
    heads: Mapping[Path, RequestHead | BrokenFile],
) -> Iterator[dict[str, Any]]:
    """Yield a row for each request, and for each folder that cannot be listed."""
    from mixtui.model.errors import BrokenFile
    from mixtui.storage.location import join_location

    if folder.problem:
        yield {
            "path": ("/".join(parents) or ".") + "/",
            "location": join_location(parents) + "/",
            "method": None,
            "name": None,
            "favorite": False,
            "tags": [],
            "problem": folder.problem,
        }
    for subfolder in folder.folders:
        yield from _rows(subfolder, (*parents, subfolder.path.name), heads)
    for entry in folder.requests:
        head = heads[entry.path]
        path = "/".join((*parents, entry.path.name)).removesuffix(".toml")
        is_broken = isinstance(head, BrokenFile)
        name = entry.stem if isinstance(head, BrokenFile) else head.name
        yield {
            "path": path,
            "location": join_location((*parents, name)),
            "method": None if isinstance(head, BrokenFile) else str(head.method),
            "name": None if is_broken else name,
            "favorite": not isinstance(head, BrokenFile) and head.favorite,
            "tags": [] if isinstance(head, BrokenFile) else list(head.tags),
            "problem": str(head) if is_broken else None,
        }


def show_arguments() -> Parser:
    parser = Parser(
        "show",
        "Print the file of a saved request, and its hints on stderr. “mixtui send "
        "NAME\n"
        "--dry-run” prints the request that would be sent.",
        (
            "mixtui show weekly-signups",
            "mixtui show 'Weekly sign-ups' --json | jq .query",
            "mixtui show weekly | sed s/7d/30d/ | mixtui send --file -",
        ),
    )
    parser.add_argument("name", metavar="NAME", help="Folder/Name, name, or path")
    parser.add_argument("--collection", metavar="DIR", help="folder of saved requests")
    parser.add_argument("--json", action="store_true", help="print the fields as JSON")
    parser.add_argument("--no-hints", action="store_true", help="do not print hints")
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print it; return the exit status."""
    from mixtui.cli.arguments import open_collection
    from mixtui.model.errors import BrokenFile, ExitStatus
    from mixtui.storage import files
    from mixtui.storage.request_file import parse

    collection = open_collection(arguments, console)
    path = collection.find(arguments.name)
    if arguments.json:
        request = collection.open(path)
        for warning in request.warnings:
            console.report(warning)
        hints = _hints(arguments, console, request.draft, path)
        values = {
            "path": str(path),
            **_draft_values(request.draft),
            "hints": hints.values(),
        }
        console.print_json(values)
        return ExitStatus.ACCEPTED
    data = files.read(path)
    if console.stdout_is_terminal:
        for line in data.decode(errors="replace").removesuffix("\n").split("\n"):
            console.print_untrusted(line.removesuffix("\r"))
    else:
        console.write(data)
    try:
        draft, _ = parse(data, path)
    except BrokenFile:
        return ExitStatus.ACCEPTED  # It was asked for as it is.
    _hints(arguments, console, draft, path).report(console)
    return ExitStatus.ACCEPTED


def _hints(arguments: Namespace, console: Console, draft: Draft, path: Path) -> Hints:
    """Find hints on a draft in the environment that would be used."""
    from mixtui.cli.hints import Hints
    from mixtui.hints import find_hints
    from mixtui.model.environment import NO_ENVIRONMENT
    from mixtui.model.errors import MixtuiError
    from mixtui.session import open_session

    if arguments.no_hints:
        return Hints()
    try:
        environment = open_session(
            variables=console.variables, cwd=path.parent, lenient=True
        ).environment
    except MixtuiError:
        environment = NO_ENVIRONMENT
    return Hints(find_hints(draft, environment, folder=path.parent))


def _draft_values(draft: Draft) -> dict[str, Any]:
    from msgspec import to_builtins

    # “path” is that of the file.
    names = {"path": "path_parameters"}
    return {names.get(key, key): value for key, value in to_builtins(draft).items()}


PROGRAMS = ("curl", "python", "httpie")
# The values of interchange.export.programs.Program, which --help need not import; a test compares them.


def export_arguments() -> Parser:
    parser = Parser(
        "export",
        "Export a saved request, with everything mixtui adds to it, as a curl or "
        "HTTPie\n"
        "command or as a Python script that uses httpx. Secrets become environment\n"
        "variables, which are listed on stderr.",
        (
            "mixtui export curl weekly-signups",
            "mixtui export python weekly-signups --env prod-eu -o weekly.py",
            "mixtui export httpie weekly-signups --var plan=pro",
        ),
    )
    parser.usage = "mixtui export curl|python|httpie NAME [OPTIONS]"
    parser.add_argument(
        "program",
        metavar="PROGRAM",
        choices=PROGRAMS,
        help=f"one of {', '.join(PROGRAMS)}",
    )
    parser.add_argument("name", metavar="NAME", help="Folder/Name, name, or path")
    parser.add_argument(
        "--var",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        completes="variable",
        help="value of the variable {{NAME}}; repeatable",
    )
    parser.add_argument(
        "--with-secrets",
        action="store_true",
        help="include the secrets instead of variables",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to FILE instead of stdout"
    )
    parser.add_session_arguments()
    return parser


def run_export(arguments: Namespace, console: Console) -> int:
    """Export; return the exit status."""
    from msgspec.structs import replace

    from mixtui.cli.arguments import provided_variables, session_from_arguments
    from mixtui.interchange.export.inputs import export_values, secret_inputs
    from mixtui.interchange.export.programs import Program, export
    from mixtui.model.errors import ExitStatus
    from mixtui.request.prepare import prepare
    from mixtui.request.templates import Values
    from mixtui.storage import files

    session = session_from_arguments(arguments, console)
    request = session.collection.open(session.collection.find(arguments.name))
    provided = provided_variables(arguments)
    values = export_values(
        request.draft,
        Values(session.environment, provided, console.variables),
        with_secrets=arguments.with_secrets,
    )
    prepared = prepare(
        request.draft,
        # An export sends nothing, so a read-only environment may be used.
        replace(session.environment, read_only=False),
        origin=session.origin(request.path),
        values=values,
    )
    exported = export(
        prepared,
        request.draft,
        Program(arguments.program),
        reader=session.secrets if arguments.with_secrets else None,
        variables=console.variables,
        secret_inputs=secret_inputs(request.draft, values),
    )
    redactor = prepared.redactor
    messages = (*session.warnings, *request.warnings, *prepared.notices)
    for message in (*map(redactor.redact, messages), *exported.notes):
        console.report(message)
    if arguments.output:
        # A file with secrets is readable for its owner alone.
        mode = 0o600 if arguments.with_secrets else None
        path = console.folder / arguments.output
        files.write(path, exported.text.encode(), mode=mode)
        console.report(f"Wrote {path}.")
    else:
        # Nothing in it acts on a terminal: such characters are escaped.
        console.print(exported.text.removesuffix("\n"))
    return ExitStatus.ACCEPTED
