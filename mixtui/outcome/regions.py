"""Detect that a project may be in another region, and redirect a request there.

A wrong region loses data, and a refusal rarely says that the region is wrong. The evidence
is a message of Mixpanel's, or an environment with the same project in another region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui.mixpanel.apis import Region, base_url

if TYPE_CHECKING:
    from mixtui.model.environment import Environments
    from mixtui.model.prepared import PreparedRequest


class OtherRegion(Struct, frozen=True):
    """An environment that has the same project in another region."""

    environment: str
    region: Region
    is_default: bool = False
    """Whether it is the default environment, which is more likely to be right."""


class RegionOption(Struct, frozen=True):
    """A way to send the request to another region."""

    region: Region
    environment: str = ""
    """Prepare the draft with this environment; empty = send `request` instead."""
    request: PreparedRequest | None = None
    """The same request to Mixpanel's host in that region."""

    @property
    def label(self) -> str:
        """Such as ``Try it in eu (environment prod-eu)``."""
        target = self.environment and f"environment {self.environment}"
        if self.request is not None:
            target = urlsplit(self.request.url).netloc
        return f"Try it in {self.region} ({target})"


def other_regions(
    request: PreparedRequest, environments: Environments
) -> tuple[OtherRegion, ...]:
    """Return the environments that have a request's project in another region."""
    return tuple(
        OtherRegion(each.name, each.region, each.name == environments.default)
        for each in environments.all
        if request.project_id
        and each.project_id == request.project_id
        and each.region is not request.region
    )


def region_options(
    request: PreparedRequest, environments: Environments
) -> tuple[RegionOption, ...]:
    """Return the other regions a request can go to, the user's environments first.

    Empty for a write. Without an environment, a region is offered only if the request
    goes to an official host.
    """
    if request.safety.writes:
        return ()
    options = {
        other.region: RegionOption(other.region, other.environment)
        for other in reversed(other_regions(request, environments))
    }
    for region in Region:
        if region is not request.region and region not in options:
            moved = move_to_region(request, region)
            if moved is not None:
                options[region] = RegionOption(region, request=moved)
    return tuple(options.values())


def move_to_region(request: PreparedRequest, region: Region) -> PreparedRequest | None:
    """Return the same request to the official host of another region.

    None if it does not go to an official host, or the region has none for this API.
    """
    own_base, other_base = (
        base_url(request.api, request.region),
        base_url(request.api, region),
    )
    if own_base is None or other_base is None or not uses_official_host(request):
        return None
    url = other_base + request.url.removeprefix(own_base)
    return replace(request, url=url, region=region)


def uses_official_host(request: PreparedRequest) -> bool:
    """Return whether a request goes to Mixpanel's own host for its region."""
    base = base_url(request.api, request.region)
    if base is None or urlsplit(base)[:2] != urlsplit(request.url)[:2]:
        return False
    return request.url.startswith(base)


def region_hint(
    request: PreparedRequest, other_environments: tuple[OtherRegion, ...]
) -> str:
    """Return a hint that the project seems to be in another region."""
    project = request.project_id or "(none)"
    statement = f"The project {project} does not seem to be in {request.region}"
    return f"{statement}: {_region_remedy(request, other_environments)}{_write_note(request)}"


def ambiguous_region_hint(
    request: PreparedRequest, other_environments: tuple[OtherRegion, ...]
) -> str:
    """Return a hint for a refusal whose cause may be the region or the credential."""
    return (
        f"The {request.authorization or 'request'} was rejected in {request.region}. "
        "The project may be in another region: "
        f"{_region_remedy(request, other_environments)} Otherwise check the "
        f"credentials.{_write_note(request)}"
    )


def _region_remedy(
    request: PreparedRequest, other_environments: tuple[OtherRegion, ...]
) -> str:
    if other_environments:
        return f"{_environments_label(other_environments)}."
    if not uses_official_host(request):
        host = urlsplit(request.url).netloc
        return (
            f"hosts in the environment {request.environment} sets {host} regardless "
            "of region, so check it and the project."
        )
    return f"check the region and project of the environment {request.environment}."


def _write_note(request: PreparedRequest) -> str:
    if not request.safety.writes:
        return ""
    return (
        " mixtui does not resend writes to another region automatically: switch "
        "the environment."
    )


def loss_warning(other_environments: tuple[OtherRegion, ...]) -> str:
    """Return a warning that accepted records may be lost in the wrong region.

    Empty unless the default environment disagrees about the region: a warning after
    every success would be ignored.
    """
    if not (note := default_region_note(other_environments)):
        return ""
    return f"{note[:-1]}: Mixpanel accepts records in the wrong region and drops them."


def default_region_note(other_environments: tuple[OtherRegion, ...]) -> str:
    """Return ``The environment prod has the project in us.``, if prod is the default."""
    defaults = tuple(k for k in other_environments if k.is_default)
    return f"T{_environments_label(defaults, 'the project')[1:]}." if defaults else ""


def _environments_label(
    other_environments: tuple[OtherRegion, ...], project: str = "it"
) -> str:
    """Return a clause such as ``the environment prod-eu has it in eu``."""
    labels = []
    for region in dict.fromkeys(k.region for k in other_environments):
        names = [k.environment for k in other_environments if k.region is region]
        is_plural = len(names) > 1
        noun = "environments" if is_plural else "environment"
        verb = "have" if is_plural else "has"
        labels.append(f"the {noun} {' and '.join(names)} {verb} {project} in {region}")
    return ", ".join(labels)
