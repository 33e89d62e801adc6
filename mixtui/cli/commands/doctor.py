"""``mixtui doctor``: what a bug report needs to know about this machine."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def doctor_arguments() -> Parser:
    parser = Parser(
        "doctor",
        "Examine this installation: versions, terminal, folders, files, environments,\n"
        "network, history and crash reports. The report contains no secrets, ids or "
        "user\n"
        "names, so you can paste it into a bug report. ! marks problems. Nothing is "
        "sent,\n"
        "changed or run without an option.\n"
        "\n"
        "Exit status: 0 no problems · 3 a credential is missing or cannot be read ·\n"
        "2 another problem · 5 a server cannot be reached (--reach)",
        (
            "mixtui doctor",
            "mixtui doctor --reach          # can Mixpanel be reached?",
            "mixtui doctor --json | jq '.[] | select(.status == \"problem\")'",
        ),
    )
    parser.add_argument(
        "--reach",
        action="store_true",
        help="send a request without credentials to each Mixpanel host of your "
        "environments; uses no quota",
    )
    parser.add_argument(
        "--read-secrets",
        action="store_true",
        help="read every secret: run commands, query the keyring",
    )
    parser.add_session_arguments()
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_doctor(arguments: Namespace, console: Console) -> int:
    """Examine; return the exit status."""
    from mixtui.cli.doctor.checkup import Checkup
    from mixtui.cli.doctor.finding import exit_status
    from mixtui.cli.page_text import section_lines
    from mixtui.text import pluralise

    sections = Checkup(arguments, console).run()
    if arguments.json:
        console.print_json([row for each in sections for row in each.values()])
    else:
        for number, section in enumerate(sections):
            if number:
                console.print()
            for line in section_lines(section.page()):
                console.print_untrusted(line)
        count = sum(each.is_problem for one in sections for each in one.findings)
        if count:
            console.report(f"{pluralise(count, 'problem')}, marked with !.")
        else:
            console.report("No problems found.")
    return exit_status(row for section in sections for row in section.findings)
