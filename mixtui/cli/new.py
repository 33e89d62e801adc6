"""``mixtui new``: a request made of an operation, printed or saved."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from mixtui.cli.console import Console
    from mixtui.core.requests import Draft
    from mixtui.mixpanel.operations import Operation

_SHOWN = 12
"""Candidates; more than these want other words."""


def new_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "new",
        "Make a request of an operation: required parameters filled and on, the others\n"
        "there and off, an example of the body. It is printed as the file of a saved\n"
        "request, or saved. OPERATION is an id or words that fit one operation alone;\n"
        "otherwise the ones that fit are listed (exit status 2).",
        (
            "mixtui new query.list-recent-events",
            "mixtui new delete a profile --save 'Delete a guest'",
            "mixtui new numeric segmentation > prices.toml && mixtui send --file "
            "prices.toml",
            "mixtui new get annotation --save look-up/annotation",
        ),
    )
    parser.add_argument(
        "words", metavar="OPERATION", nargs="+", help="its id, or words for it"
    )
    parser.add_argument(
        "--save", metavar="NAME", help="save it under this name, or folder/name"
    )
    parser.add_place()
    return parser


def run_new(arguments: Namespace, console: Console) -> int:
    """Print or save it; returns the exit status."""
    from mixtui.core.errors import ExitStatus
    from mixtui.core.new_draft import draft_from_operation
    from mixtui.storage.request_file import render

    operation = _operation(" ".join(arguments.words), console)
    if operation is None:
        return ExitStatus.USAGE
    draft = draft_from_operation(operation)
    if arguments.save is not None:
        _save(draft, arguments, console)
    else:
        console.print(render(draft).removesuffix("\n"))
    for line in _to_fill(operation, draft, arguments, console):
        console.say(line)
    return ExitStatus.ACCEPTED


def _operation(words: str, console: Console) -> Operation | None:
    """The operation that the words mean; None = more than one, and they are listed.

    Raises:
        UsageError: There is none.
    """
    from mixtui.cli.operation_view import operation_line
    from mixtui.cli.parsing import UsageError
    from mixtui.core.finding import find_operations, the_one

    one = the_one(words)
    if one is not None:
        return one
    found = [each.operation for each in find_operations(words)][:_SHOWN]
    if not found:
        raise UsageError(
            f"No operation fits «{words}»: «mixtui operations» lists them all."
        )
    console.say(f"mixtui: «{words}» may mean more than one operation: give the id.")
    width = max(len(each.id) for each in found)
    for each in found:
        console.say(f"  {operation_line(each, width)}")
    return None


def _save(draft: Draft, arguments: Namespace, console: Console) -> None:
    """Write it into the collection, and print its path there.

    Raises:
        UsageError: The name is none.
        StorageError: There is one of that name, or it would be elsewhere.
    """
    from dataclasses import replace

    from mixtui.cli.parsing import UsageError
    from mixtui.cli.places import open_collection
    from mixtui.storage.names import SUFFIX, slug

    *folders, name = arguments.save.split("/")
    if not all(part.strip() for part in (*folders, name)):
        raise UsageError("--save wants a name, or folder/name: write one.")
    collection = open_collection(arguments, console)
    folder = collection.root
    for each in folders:
        inside = folder / each
        folder = inside if inside.is_dir() else collection.new_folder(folder, each)
    saved = collection.save_as(folder, replace(draft, name=name), slug(name))
    path = saved.path.relative_to(collection.root).as_posix()
    console.print_foreign(path.removesuffix(SUFFIX))


def _to_fill(
    operation: Operation, draft: Draft, arguments: Namespace, console: Console
) -> Iterator[str]:
    """What is missing before it can be sent, a sentence each."""
    for each in operation.parameters:
        if each.place == "path" and not each.given:
            example = f" (such as {each.example})" if each.example else ""
            yield f"Fill in {{{each.name}}} in the URL{example}: {each.help}"
    if arguments.env:
        from mixtui.cli.places import session_from_arguments
        from mixtui.core.preview import preview

        environment = session_from_arguments(arguments, console).environment
        known = _with_examples(operation, draft)
        if (problem := preview(known, environment).problem) is not None:
            yield str(problem)


def _with_examples(operation: Operation, draft: Draft) -> Draft:
    """The draft with its path filled, to see what else is missing."""
    from dataclasses import replace

    url = draft.url
    for each in operation.parameters:
        if each.place == "path" and not each.given:
            url = url.replace(f"{{{each.name}}}", "1")
    return replace(draft, url=url)
