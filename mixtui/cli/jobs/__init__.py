"""Run bulk jobs from the command line: plan, confirm, progress, summary."""

from mixtui.imports import import_msgspec

import_msgspec()
