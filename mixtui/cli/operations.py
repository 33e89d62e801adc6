"""``mixtui operations``: what Mixpanel's reference has, found by words."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console
    from mixtui.mixpanel.operations import Operation


def operations_arguments() -> Parser:
    """The command's parser."""
    parser = Parser(
        "operations",
        "List the operations of Mixpanel that the words fit, the best first: id,\n"
        "method, title. The words may be names, paths, families or what people call\n"
        "it. An id, a title or words that fit one operation alone print all of its\n"
        "documentation. «mixtui new» makes a request of one.",
        (
            "mixtui operations",
            "mixtui operations numeric segmentation",
            "mixtui operations /events --family query",
            "mixtui operations query.insights-query",
            "mixtui operations gdpr --json | jq -r '.[].link'",
        ),
    )
    parser.add_argument(
        "words", metavar="WORDS", nargs="*", help="what it is called or does"
    )
    parser.add_argument("--family", metavar="F", help="only those of this family")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    return parser


def run_operations(arguments: Namespace, console: Console) -> int:
    """List, or explain one; returns the exit status."""
    import json

    from mixtui.cli.operation_view import operation_line, operation_values, page_lines
    from mixtui.core.errors import ExitStatus

    found, is_one = _found(" ".join(arguments.words), _family(arguments.family))
    if arguments.json:
        rows = [operation_values(each) for each in found]
        console.print(json.dumps(rows, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    if is_one:
        for text in page_lines(found[0]):
            console.print(text)
        return ExitStatus.ACCEPTED
    width = max((len(each.id) for each in found), default=0)
    for each in found:
        console.print(operation_line(each, width))
    if not found:
        console.say(
            f"No operation fits «{' '.join(arguments.words)}»: try fewer words, or "
            "«mixtui operations» for all."
        )
    return ExitStatus.ACCEPTED


def _family(name: str | None) -> str:
    from mixtui.cli.parsing import UsageError, did_you_mean
    from mixtui.mixpanel.operations import FAMILIES

    if name and name not in FAMILIES:
        raise UsageError(
            f"There is no family «{name}»{did_you_mean(name, FAMILIES)}: "
            f"it is one of {', '.join(FAMILIES)}."
        )
    return name or ""


def _found(words: str, family: str) -> tuple[list[Operation], bool]:
    """What fits, and whether the words can only mean the one."""
    from mixtui.core.finding import find_operations, the_one

    one = the_one(words)
    if one is not None and family in ("", one.family):
        return [one], True
    found = [each.operation for each in find_operations(words)]
    found = [each for each in found if family in ("", each.family)]
    return found, bool(words) and len(found) == 1
