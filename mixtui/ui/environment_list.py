"""The list of environments: two lines each, the one in use marked."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mixtui.core.environments import Environment, Environments
from mixtui.core.visible import sanitize
from mixtui.ui.environment_details import kind_of_origin, marks


class EnvironmentList(OptionList):
    """Environments to choose from."""

    _found = Environments()

    def show(self, found: Environments, current: str, go_to: str) -> None:
        """Show these.

        Args:
            found: All of them.
            current: The name of the one in use.
            go_to: Where the cursor shall be, if there is one of that name.
        """
        names, before = found.names, self.highlighted or 0
        self._found = found
        self.set_options(Option(_line(e, found.default, current)) for e in found.all)
        if names:
            at = names.index(go_to) if go_to in names else min(before, len(names) - 1)
            self.highlighted = at

    @property
    def chosen(self) -> Environment | None:
        """The one under the cursor."""
        return None if self.highlighted is None else self._found.all[self.highlighted]


def welcome(key: str) -> Content:
    """What to say when there is none.

    Args:
        key: Adds one.
    """
    title, *sentences = _WELCOME
    return Content("\n\n").join(
        [
            Content.styled(title, "bold $text-primary"),
            *map(Content, sentences),
            Content.assemble((f" {key} ", "bold reverse"), " adds the first one."),
        ]
    )


_WELCOME = (
    "There is no environment yet.",
    "An environment says which project you call, in which region, and as whom. Have "
    "the project id and a service account (its user name and secret) at hand: "
    "Mixpanel shows them in its project and organization settings.",
    "Only to track events and profiles is the project token needed as well. A secret "
    "that you type stays in credentials.toml, which nobody else can read.",
)


def _line(environment: Environment, default: str, current: str) -> Content:
    name = environment.name
    project = sanitize(environment.project_id) or "no project"
    facts = [str(environment.region), project, *marks(environment)]
    if origin := kind_of_origin(environment):
        facts.insert(2, sanitize(origin))
    here = {"in use": name == current, "default": name == default}
    states = ", ".join(word for word, true in here.items() if true)
    return Content.assemble(
        "● " if name == current else "  ",
        (sanitize(name), "bold"),
        f"  {states}\n  {' · '.join(facts)}",
    )
