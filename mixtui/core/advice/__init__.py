"""Quiet help with a draft: what is probably wrong with it, and what to do.

`advise` never stops a send and never raises; what cannot be sent at all is said by
`core.prepare`. Each file here holds one kind of rule; a rule is a function from a
`Call` to `Advice`.
"""

from mixtui.core.advice.advising import (
    advise_on_body,
    advise_on_request,
    find_hints,
    in_order,
)
from mixtui.core.advice.model import Hint

__all__ = ["Hint", "advise_on_body", "advise_on_request", "find_hints", "in_order"]
