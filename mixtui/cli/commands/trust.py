"""``mixtui trust``: what the collections of other people may use."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def trust_arguments() -> Parser:
    parser = Parser(
        "trust",
        "Trust a collection with all that its files need now: variables of the process,\n"
        "files outside its folder, hosts, secrets, certificates, and the environment to\n"
        "start with. Each is printed. What is added to the files later is not included.\n"
        "Collections that mixtui made on this machine are trusted.",
        (
            "mixtui trust shop --list     # what it needs; trusts nothing",
            "mixtui trust shop",
            "mixtui trust shop --remove",
            "mixtui trust                 # the trusted collections",
        ),
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", help="the collection")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--list", action="store_true", help="print what it needs, and trust nothing"
    )
    choice.add_argument("--remove", action="store_true", help="no longer trust it")
    return parser


def run_trust(arguments: Namespace, console: Console) -> int:
    """Trust, list or remove; return the exit status."""
    from pathlib import Path

    from mixtui.cli.parsing import UsageError
    from mixtui.model.errors import ExitStatus
    from mixtui.session import open_session
    from mixtui.storage.trust import TrustStore

    store = TrustStore()
    if arguments.folder is None:
        if arguments.list or arguments.remove:
            raise UsageError("Name the collection: mixtui trust DIR.")
        for folder, trust in store.folders():
            console.print_untrusted(str(folder))
            for power in sorted(trust.granted):
                console.print_untrusted(f"  {power}")
        return ExitStatus.ACCEPTED
    if arguments.remove:
        root = console.folder / Path(arguments.folder).expanduser()
        known = store.revoke(root)
        console.report(f"{root} is {'no longer' if known else 'not'} trusted.")
        return ExitStatus.ACCEPTED
    session = open_session(
        Path(arguments.folder),
        variables=console.variables,
        cwd=console.folder,
        lenient=True,
    )
    root, powers = session.collection.root, sorted(session.collection_powers())
    for power in powers:
        console.print_untrusted(str(power))
    if not powers:
        console.report(f"{root} needs nothing beyond what it may use.")
    elif not arguments.list:
        store.grant(root, powers)
        console.report(f"{root} is trusted with that.")
    return ExitStatus.ACCEPTED
