"""``mixtui profiles import`` and ``mixtui groups import``."""

from __future__ import annotations

import functools
from argparse import Namespace

from mixtui.cli.console import Console
from mixtui.cli.jobs.recipe import recipe_from_arguments
from mixtui.cli.jobs.record_import import ImportKind, find_inputs, import_records
from mixtui.cli.jobs.run import JobCommand, open_command
from mixtui.cli.parsing import UsageError
from mixtui.jobs.pace import MIXPANEL_PACE
from mixtui.jobs.profile_check import ProfileChecker, may_delete
from mixtui.jobs.profile_recipe import GroupRecipe, ProfileRecipe, UserRecipe
from mixtui.jobs.profile_sending import ProfileSender, update_request
from mixtui.jobs.sources import Source
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.operation import Operation
from mixtui.mixpanel.profiles import GROUPS, MAX_UPDATES, USERS, ProfileKind


def import_users(arguments: Namespace, console: Console) -> int:
    """Import user profiles; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    recipe = recipe_from_arguments(arguments, console.folder, UserRecipe)
    return _import(arguments, console, "profiles import", USERS, recipe)


def import_groups(arguments: Namespace, console: Console) -> int:
    """Import group profiles; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    recipe = recipe_from_arguments(arguments, console.folder, GroupRecipe)
    return _import(
        arguments, console, "groups import", GROUPS, recipe, recipe.group_key
    )


def _import(
    arguments: Namespace,
    console: Console,
    name: str,
    kind: ProfileKind,
    recipe: ProfileRecipe,
    group_key: str = "",
) -> int:
    if not 1 <= arguments.batch_size <= MAX_UPDATES:
        raise UsageError(f"--batch-size must be from 1 to {MAX_UPDATES}.")
    inputs = find_inputs(arguments, console)
    command = open_command(arguments, console)
    environment = command.session.environment
    operation = _operation(command, kind, recipe, inputs)
    request = update_request(environment, operation)
    make_checker = functools.partial(
        ProfileChecker,
        kind,
        environment.credentials.project_token,
        group_key=group_key,
        is_destructive=operation.safety is Safety.DESTRUCTIVE,
    )
    return import_records(
        command,
        ImportKind(
            name,
            request,
            make_checker,
            functools.partial(ProfileSender, kind, request),
            MIXPANEL_PACE,
        ),
        inputs,
        recipe,
        arguments.batch_size,
    )


def _operation(
    command: JobCommand,
    kind: ProfileKind,
    recipe: ProfileRecipe,
    inputs: tuple[Source, ...],
) -> Operation:
    """Return what is confirmed: to delete, if something may be deleted.

    Raises:
        UsageError: These profiles do not have the operation of the recipe.
        JobError: A source cannot be read.
    """
    operations = kind.operations
    if recipe.operation is not None:
        if recipe.operation.member not in operations:
            names = ", ".join(each.removeprefix("$") for each in operations)
            raise UsageError(
                f"Mixpanel cannot {recipe.operation} on {kind.noun} profiles: use one of "
                f"{names}."
            )
        return operations[recipe.operation.member]
    has_rows = bool(command.arguments.sql) or not recipe.is_empty
    deletes = not has_rows and may_delete(inputs, kind)
    return operations["$delete" if deletes else "$set"]
