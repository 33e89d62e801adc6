"""``mixtui events import``."""

from __future__ import annotations

from argparse import Namespace

from mixtui.cli.console import Console
from mixtui.cli.jobs.recipe import recipe_from_arguments
from mixtui.cli.jobs.record_import import ImportKind, find_inputs, import_records
from mixtui.cli.jobs.run import open_command
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.event_sending import EventSender, import_request
from mixtui.jobs.recipe import EventRecipe

_MB = 1_000_000


def import_events(arguments: Namespace, console: Console) -> int:
    """Import; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    recipe = recipe_from_arguments(arguments, console.folder, EventRecipe)
    inputs = find_inputs(arguments, console)
    command = open_command(arguments, console)
    request = import_request(command.session.environment)
    kind = ImportKind(
        "events import",
        request,
        EventChecker,
        lambda resender: EventSender(request, resender),
        arguments.pace * _MB or None,
    )
    return import_records(command, kind, inputs, recipe)
