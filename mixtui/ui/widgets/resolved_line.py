"""Below the URL field: where the request goes and what authenticates it."""

from __future__ import annotations

from urllib.parse import urlsplit

from textual.content import Content
from textual.widgets import Static

from mixtui.core.additions import needed_left_out
from mixtui.core.preview import Preview
from mixtui.core.visible import sanitize
from mixtui.mixpanel.endpoints import Safety

_ROOMY = 30
"""Lines of a terminal in which a long URL may take a second one."""
_HINT = "type a relative URL, such as /query/events"


class ResolvedLine(Static):
    """The resolved URL, then the credential or what is wrong."""

    DEFAULT_CSS = """
    ResolvedLine {
        height: 2; padding: 0 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    ResolvedLine.-long { height: 3; }
    """

    _preview = Preview("", "")
    _base = ""
    _shown: Content | None = None

    def show(self, preview: Preview, base: str) -> None:
        """Show a preview; repaints only when something differs.

        Args:
            preview: What the draft comes to.
            base: The API's base while no relative URL is typed yet; else empty.
        """
        self._preview, self._base = preview, base
        self._draw()

    def on_resize(self) -> None:
        """A URL breaks elsewhere at another width."""
        self._draw()

    def _draw(self) -> None:
        url = self._url_lines()
        second = Content(_HINT) if self._base else self._second()
        content = Content("\n").join([*url, second])
        if content != self._shown:
            self._shown = content
            self.set_class(len(url) > 1, "-long")
            self.update(content)

    def _url_lines(self) -> list[Content]:
        text = sanitize(self._base or self._preview.url)
        if not text:
            return [Content.styled("→ not resolved", "dim")]
        host = urlsplit(self._base or self._preview.url).netloc
        at = text.find(host)
        whole = Content.assemble(
            ("→ ", "$text-primary"),
            text[:at],
            (host, "bold $foreground"),
            text[at + len(host) :],
        )
        width = self.size.width - 2
        roomy = self.app.size.height >= _ROOMY
        if not roomy or width < 20 or len(whole) <= width:
            return [whole]
        return [whole[:width], Content("  ") + whole[width:]]

    def _second(self) -> Content:
        preview = self._preview
        if preview.problem is not None:
            return Content.styled(f"✗ {sanitize(str(preview.problem))}", "$text-error")
        moved = next((n for n in preview.notices if "Ingestion host" in n), "")
        words = Content(f"with {sanitize(preview.credential)}")
        if said := moved or needed_left_out(preview.additions):
            words = Content.styled(f"! {sanitize(said)}", "$text-warning")
        return _does(preview.safety) + self._known() + words

    def _known(self) -> Content:
        """The operation's name, if it is one that Mixpanel documents."""
        operation = self._preview.operation
        if operation is None:
            return Content()
        return Content.assemble((operation.title, "$text-secondary"), " · ")


def _does(safety: Safety) -> Content:
    """What the call does, in words and colour; nothing for a read."""
    match safety:
        case Safety.READ:
            return Content("")
        case Safety.WRITE:
            return Content.assemble(("writes", "bold $text-warning"), " · ")
        case Safety.DESTRUCTIVE:
            words = ("deletes or replaces", "bold reverse $text-error")
            return Content.assemble(words, " · ")
