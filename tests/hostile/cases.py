"""All hostile servers, by section."""

from __future__ import annotations

from tests.hostile.codings import CODINGS
from tests.hostile.content import CHARSETS, ESCAPES
from tests.hostile.early import EARLY
from tests.hostile.framing import FRAMING
from tests.hostile.headers import HEADERS
from tests.hostile.proxies import ADDRESSES, PROXIES
from tests.hostile.redirects import REDIRECTS
from tests.hostile.script import Case
from tests.hostile.status_lines import STATUS_LINES
from tests.hostile.timing import TIMING
from tests.hostile.tls import TLS

SECTIONS: dict[str, tuple[Case, ...]] = {
    "Timing": TIMING,
    "Framing": FRAMING,
    "Headers": HEADERS,
    "Status lines": STATUS_LINES,
    "Redirects": REDIRECTS,
    "Responses that come while the body is sent": EARLY,
    "Content codings": CODINGS,
    "Charsets and content": CHARSETS,
    "Escape sequences": ESCAPES,
    "TLS": TLS,
    "Proxies": PROXIES,
    "Addresses": ADDRESSES,
}
"""The cases by the heading under which the documentation has them."""
