"""Send a request from the command line: draft, dispatch, destination of the body, output."""

from mixtui.imports import import_msgspec

import_msgspec()
