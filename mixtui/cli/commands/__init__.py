"""The commands, one module a group: the arguments of each, and what runs it.

A module here imports only what ``--help`` needs, and what a command needs when it runs:
modules of `mixtui.cli` and of the engine, inside ``run_…``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from mixtui.cli.console import Console
    from mixtui.cli.parsing import Parser


def load_command(name: str) -> tuple[Parser, Callable[[Namespace, Console], int]]:
    """Import one command, and no other; return its parser and what runs it."""
    match name:
        case "init":
            from mixtui.cli.commands import init

            return init.init_arguments(), init.run_init
        case "send":
            from mixtui.cli.commands import send

            return send.send_arguments(), send.run_send
        case "list":
            from mixtui.cli.commands import requests

            return requests.list_arguments(), requests.run_list
        case "show":
            from mixtui.cli.commands import requests

            return requests.show_arguments(), requests.run_show
        case "operations":
            from mixtui.cli.commands import operations

            return operations.operations_arguments(), operations.run_operations
        case "new":
            from mixtui.cli.commands import operations

            return operations.new_arguments(), operations.run_new
        case "import curl":
            from mixtui.cli.commands import imports

            return imports.curl_arguments(), imports.run_curl
        case "import openapi":
            from mixtui.cli.commands import imports

            return imports.openapi_arguments(), imports.run_openapi
        case "import postman":
            from mixtui.cli.commands import imports

            return imports.postman_arguments(), imports.run_postman
        case "export":
            from mixtui.cli.commands import requests

            return requests.export_arguments(), requests.run_export
        case "events import":
            from mixtui.cli.commands import events

            return events.import_arguments(), events.run_import
        case "events export":
            from mixtui.cli.commands import events

            return events.export_arguments(), events.run_export
        case "events query":
            from mixtui.cli.commands import events

            return events.query_arguments(), events.run_query
        case "profiles import":
            from mixtui.cli.commands import profiles

            return profiles.import_users_arguments(), profiles.run_import_users
        case "profiles export":
            from mixtui.cli.commands import profiles

            return profiles.export_users_arguments(), profiles.run_export_users
        case "groups import":
            from mixtui.cli.commands import profiles

            return profiles.import_groups_arguments(), profiles.run_import_groups
        case "groups export":
            from mixtui.cli.commands import profiles

            return profiles.export_groups_arguments(), profiles.run_export_groups
        case "migrate":
            from mixtui.cli.commands import migrate

            return (
                migrate.migrate_arguments(),
                lambda arguments, console: migrate.run_migrate(
                    arguments, console, load_command
                ),
            )
        case "jobs list":
            from mixtui.cli.commands import jobs

            return jobs.list_arguments(), jobs.run_list
        case "jobs show":
            from mixtui.cli.commands import jobs

            return jobs.show_arguments(), jobs.run_show
        case "jobs stop":
            from mixtui.cli.commands import jobs

            return jobs.stop_arguments(), jobs.run_stop
        case "jobs resume":
            from mixtui.cli.commands import jobs

            return (
                jobs.resume_arguments(),
                lambda arguments, console: jobs.run_resume(
                    arguments, console, load_command
                ),
            )
        case "jobs remove":
            from mixtui.cli.commands import jobs

            return jobs.remove_arguments(), jobs.run_remove
        case "schemas pull":
            from mixtui.cli.commands import sync

            return sync.schemas_pull_arguments(), sync.run_schemas_pull
        case "schemas push":
            from mixtui.cli.commands import sync

            return sync.schemas_push_arguments(), sync.run_schemas_push
        case "annotations pull":
            from mixtui.cli.commands import sync

            return sync.annotations_pull_arguments(), sync.run_annotations_pull
        case "annotations push":
            from mixtui.cli.commands import sync

            return sync.annotations_push_arguments(), sync.run_annotations_push
        case "lookup list":
            from mixtui.cli.commands import lookup

            return lookup.list_arguments(), lookup.run_list
        case "lookup push":
            from mixtui.cli.commands import lookup

            return lookup.push_arguments(), lookup.run_push
        case "env list":
            from mixtui.cli.commands import environments

            return environments.list_arguments(), environments.run_list
        case "env show":
            from mixtui.cli.commands import environments

            return environments.show_arguments(), environments.run_show
        case "env add":
            from mixtui.cli.commands import environments

            return environments.add_arguments(), environments.run_add
        case "env check":
            from mixtui.cli.commands import environments

            return environments.check_arguments(), environments.run_check
        case "history list":
            from mixtui.cli.commands import history

            return history.list_arguments(), history.run_list
        case "history show":
            from mixtui.cli.commands import history

            return history.show_arguments(), history.run_show
        case "history purge":
            from mixtui.cli.commands import history

            return history.purge_arguments(), history.run_purge
        case "quota":
            from mixtui.cli.commands import quota

            return quota.quota_arguments(), quota.run_quota
        case "trust":
            from mixtui.cli.commands import trust

            return trust.trust_arguments(), trust.run_trust
        case "doctor":
            from mixtui.cli.commands import doctor

            return doctor.doctor_arguments(), doctor.run_doctor
        case "keys":
            from mixtui.cli.commands import keys

            return keys.keys_arguments(), keys.run_keys
        case "completions":
            from mixtui.cli.commands import completions

            return (
                completions.completions_arguments(),
                lambda arguments, console: completions.run_completions(
                    arguments, console, load_command
                ),
            )
        case "schema":
            from mixtui.cli.commands import schema

            return schema.schema_arguments(), schema.run_schema
        case "sandbox":
            from mixtui.cli.commands import sandbox

            return sandbox.sandbox_arguments(), sandbox.run_sandbox
        case "help":
            from mixtui.cli.commands import topics

            return (
                topics.help_arguments(),
                lambda arguments, console: topics.run_help(
                    arguments, console, load_command
                ),
            )
        case _:
            raise KeyError(name)
