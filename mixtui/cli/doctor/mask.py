"""Mask what must not be in a bug report: secrets, identifiers, the user's name and home."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit, urlunsplit

from mixtui.model.redaction import Redactor, mask_url_users
from mixtui.model.secrets import REDACTED, Secret
from mixtui.patterns import compile_late
from mixtui.request.secret_values import variable_secrets

_QUOTED = compile_late(r"“(?!chmod |mixtui )[^”]*”|'[^']{6,}'|\"[^\"]{6,}\"")
"""What a sentence, or the TOML parser, repeats of a file; not the command of a remedy."""
_USER = "USER"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class Mask:
    """Masks texts.

    Args:
        secrets: What is known to be secret, or to identify a project or an account.
        variables: The environment of the process; its secrets are masked, too.
    """

    def __init__(self, secrets: Iterable[str], variables: Mapping[str, str]) -> None:
        known = {Secret(text) for text in secrets if text.strip()}
        known.update(map(Secret, _private_proxies(variables)))
        known.update(variable_secrets(variables), variable_secrets(os.environ))
        self._redactor = Redactor(known)
        homes = {variables.get("HOME", ""), os.path.expanduser("~"), _home()}
        absolute = {os.path.normpath(each) for each in homes if os.path.isabs(each)}
        # The longest first: one may be in another.
        self._homes = sorted(absolute - {os.sep}, key=len, reverse=True)
        names = {variables.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")}
        names |= {_user(), *map(os.path.basename, self._homes)}
        users = "|".join(re.escape(name) for name in sorted(names) if name.strip())
        # Within a path or an address: as a word, a name such as "root" also has a meaning.
        self._users = re.compile(
            rf"(?<=[/\\@~])(?:{users})(?=[/\\@:;,.\s]|$)|(?<!\w)(?:{users})(?=@)"
            if users
            else r"(?!)"
        )

    def __call__(self, text: str) -> str:
        """Return a text that is safe to paste into a bug report."""
        text = mask_url_users(self._redactor.redact(text))
        for home in self._homes:
            text = re.sub(rf"{re.escape(home)}(?=[/\\:;,.\s”“]|$)", "~", text)
        return self._users.sub(_USER, text)


def without_quotations(sentence: str) -> str:
    """Return the error of a file without what it repeats of the file.

    A secret that was written in the wrong place is known as one to nobody.
    """
    return _QUOTED.sub("“…”", sentence)


def mask_url(url: str) -> str:
    """Return a URL without user, query and fragment."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
    except ValueError:
        return REDACTED
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{REDACTED}@{host}" if at or user else host
    shown = urlunsplit((parts.scheme, netloc, "", "", ""))
    return shown.removeprefix("//") if "://" not in url else shown


def _private_proxies(variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the hosts of proxies that ask for a password: they tell where somebody works."""
    for name, value in variables.items():
        if name.lower() in _PROXIES and "@" in value:
            try:
                host = urlsplit(value if "://" in value else f"//{value}").hostname
            except ValueError:
                continue  # It is shown nowhere.
            if host and host not in ("localhost", "127.0.0.1", "::1"):
                yield host


def _home() -> str:
    """Return the home folder that the system knows, whatever $HOME says."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (ImportError, KeyError):  # Windows; no such user.
        return ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # No such user, and no variable says it.
        return ""
