"""``mixtui operations`` and ``new``: search Mixpanel's reference, and use it."""

from __future__ import annotations

from mixtui.cli.parsing import Parser, UsageError

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from mixtui.cli.console import Console
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.model.draft import Draft

_MAX_CANDIDATES = 12
"""Candidates listed at most."""


def operations_arguments() -> Parser:
    parser = Parser(
        "operations",
        "List Mixpanel operations, best match first: id, method, title. WORDS match "
        "ids,\n"
        "titles, paths, groups and synonyms. A single match is printed with its\n"
        "documentation. “mixtui new” creates a request from an operation.",
        (
            "mixtui operations",
            "mixtui operations numeric segmentation",
            "mixtui operations /events --family query",
            "mixtui operations query.insights-query",
            "mixtui operations gdpr --json | jq -r '.[].link'",
        ),
    )
    parser.add_argument(
        "words",
        metavar="WORDS",
        nargs="*",
        completes="operation",
        help="id, title, path or keywords",
    )
    parser.add_argument("--family", metavar="F", help="only operations in this group")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_operations(arguments: Namespace, console: Console) -> int:
    """List, or explain one; return the exit status."""
    from mixtui.cli.operation_page import operation_line, operation_values, page_lines
    from mixtui.model.errors import ExitStatus

    _check_id(" ".join(arguments.words))
    operations, is_unambiguous = _search(
        " ".join(arguments.words), _family(arguments.family)
    )
    if arguments.json:
        rows = [operation_values(operation) for operation in operations]
        console.print_json(rows)
        return ExitStatus.ACCEPTED
    if is_unambiguous:
        for text in page_lines(operations[0]):
            console.print(text)
        return ExitStatus.ACCEPTED
    width = max((len(each.id) for each in operations), default=0)
    for each in operations:
        console.print(operation_line(each, width))
    if not operations:
        console.report(
            f"No operation matches “{' '.join(arguments.words)}”. "
            f"{_operation_hint(' '.join(arguments.words))}"
        )
    return ExitStatus.ACCEPTED


def _family(name: str | None) -> str:
    from mixtui.mixpanel.catalogue import FAMILIES
    from mixtui.spelling import did_you_mean

    if name and name not in FAMILIES:
        hint = did_you_mean(name, FAMILIES, f"Groups: {', '.join(FAMILIES)}.")
        raise UsageError(f"No group is named “{name}”. {hint}")
    return name or ""


def _check_id(text: str) -> None:
    """Refuse a misspelt id: as keywords, it could match another operation.

    Raises:
        UsageError: The text looks like an id, but no id contains it.
    """
    from mixtui.mixpanel.catalogue import FAMILIES, operations

    family, dot, name = text.partition(".")
    is_id = bool(dot and name) and " " not in text and family in FAMILIES
    if is_id and not any(text in operation.id for operation in operations()):
        raise UsageError(f"No operation has the id “{text}”. {_operation_hint(text)}")


def _operation_hint(text: str) -> str:
    """Return the operation id that a text probably means, or what else to do."""
    from mixtui.mixpanel.catalogue import operations
    from mixtui.spelling import did_you_mean

    ids = [operation.id for operation in operations()]
    return did_you_mean(text, ids, "“mixtui operations” lists them all.")


def _search(text: str, family: str) -> tuple[list[Operation], bool]:
    """Return the matching operations, and whether the text can mean only the first."""
    from mixtui.mixpanel.search import find_unambiguous, search_operations

    unambiguous = find_unambiguous(text)
    if unambiguous is not None and family in ("", unambiguous.family):
        return [unambiguous], True
    operations = [each.operation for each in search_operations(text)]
    operations = [each for each in operations if family in ("", each.family)]
    return operations, bool(text) and len(operations) == 1


def new_arguments() -> Parser:
    parser = Parser(
        "new",
        "Create a request from an operation: required parameters are filled in, "
        "optional\n"
        "ones disabled, and the body is an example. The request is printed as a "
        "request\n"
        "file, or saved. OPERATION is an id or keywords; if several operations match,\n"
        "they are listed (exit status 2).",
        (
            "mixtui new query.list-recent-events",
            "mixtui new delete a profile --save 'Delete a guest'",
            "mixtui new numeric segmentation > prices.toml && mixtui send --file "
            "prices.toml",
            "mixtui new get annotation --save look-up/annotation",
        ),
    )
    parser.add_argument("words", metavar="OPERATION", nargs="+", help="id or keywords")
    parser.add_argument(
        "--save",
        metavar="NAME",
        completes="location",
        help="save it as NAME or Folder/Name",
    )
    parser.add_session_arguments()
    return parser


def run_new(arguments: Namespace, console: Console) -> int:
    """Print or save it; return the exit status."""
    from mixtui.model.errors import ExitStatus
    from mixtui.request.from_operation import draft_from_operation
    from mixtui.storage.request_file import render

    operation = _find_operation(" ".join(arguments.words), console)
    if operation is None:
        return ExitStatus.USAGE
    draft = draft_from_operation(operation)
    if arguments.save is not None:
        _save(draft, arguments, console)
    else:
        console.print(render(draft).removesuffix("\n"))
    for line in _missing_values(operation, draft, arguments, console):
        console.report(line)
    return ExitStatus.ACCEPTED


def _find_operation(text: str, console: Console) -> Operation | None:
    """Return the operation that a text names; None = several match, and were listed.

    Raises:
        UsageError: None matches.
    """
    from mixtui.cli.operation_page import operation_line
    from mixtui.mixpanel.search import find_unambiguous, search_operations

    _check_id(text)
    unambiguous = find_unambiguous(text)
    if unambiguous is not None:
        return unambiguous
    operations = [operation.operation for operation in search_operations(text)][
        :_MAX_CANDIDATES
    ]
    if not operations:
        raise UsageError(f"No operation matches “{text}”. {_operation_hint(text)}")
    console.report(f"mixtui: “{text}” matches several operations. Use an id:")
    width = max(len(each.id) for each in operations)
    for each in operations:
        console.report(f"  {operation_line(each, width)}")
    return None


def _save(draft: Draft, arguments: Namespace, console: Console) -> None:
    """Save the draft in the collection, and print where.

    Raises:
        StorageError: The location is invalid, or taken.
    """
    from mixtui.cli.arguments import open_collection
    from mixtui.storage.location import parse_location

    collection = open_collection(arguments, console)
    location = parse_location(arguments.save, collection.root)
    saved = collection.save_at(location, draft)
    console.print_untrusted(str(collection.location(saved.path)))


def _missing_values(
    operation: Operation, draft: Draft, arguments: Namespace, console: Console
) -> Iterator[str]:
    """Yield a sentence for each value to fill in before the draft can be sent."""
    empty = {row.name for row in draft.path if not row.value}
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name in empty:
            example = f" (e.g. {parameter.example})" if parameter.example else ""
            yield (
                f"Fill in the path parameter {parameter.name}{example}: {parameter.help}"
            )
    if arguments.env:
        from mixtui.cli.arguments import session_from_arguments
        from mixtui.request.preview import preview

        environment = session_from_arguments(arguments, console).environment
        filled = _with_examples(draft)
        if (problem := preview(filled, environment).problem) is not None:
            yield str(problem)


def _with_examples(draft: Draft) -> Draft:
    """Return the draft with its path filled, to find what else is missing."""
    from msgspec.structs import replace

    return replace(draft, path=tuple(replace(row, value="1") for row in draft.path))
