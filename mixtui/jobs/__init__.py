"""Move bulk data: read, check, send, and account for every record.

A job reads its sources in order, cuts them into batches, sends each through `dispatch`, and
writes what became of it into a journal, from which it resumes.
"""

from mixtui.imports import import_msgspec

import_msgspec()
