"""Whether a project may live in another region, and the same request there.

A wrong region loses data, and its refusals seldom say so. What tells it apart is a text
of Mixpanel's, or another environment that has the same project in another region.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.apis import Region, base_url

if TYPE_CHECKING:
    from mixtui.model.environment import Environments
    from mixtui.model.prepared import PreparedRequest


@dataclass(frozen=True, slots=True)
class OtherRegion:
    """An environment that has the same project in another region."""

    environment: str
    region: Region
    usual: bool = False
    """Whether it is the default environment, which is more likely to be right."""


@dataclass(frozen=True, slots=True)
class RegionOption:
    """A way to send the request to another region."""

    region: Region
    environment: str = ""
    """Prepare the draft with this environment; empty = send `request`."""
    request: PreparedRequest | None = None
    """The same request to Mixpanel's own host of that region."""

    @property
    def label(self) -> str:
        """The label of the choice: ``Try it in eu (environment prod-eu)``."""
        where = self.environment and f"environment {self.environment}"
        if self.request is not None:
            where = urlsplit(self.request.url).netloc
        return f"Try it in {self.region} ({where})"


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
    """Return how to send to other regions, those of the person's environments first.

    None for a write, and none to guess where the environment's hosts name one host.
    """
    if request.safety.writes:
        return ()
    result = {
        known.region: RegionOption(known.region, known.environment)
        for known in reversed(other_regions(request, environments))
    }
    for region in Region:
        if region is not request.region and region not in result:
            moved = in_region(request, region)
            if moved is not None:
                result[region] = RegionOption(region, request=moved)
    return tuple(result.values())


def in_region(request: PreparedRequest, region: Region) -> PreparedRequest | None:
    """Return the same request to Mixpanel's own host of a region.

    None if it does not go to one of Mixpanel's own hosts, or there is none.
    """
    own_base, other_base = (
        base_url(request.api, request.region),
        base_url(request.api, region),
    )
    if own_base is None or other_base is None or not own_host(request):
        return None
    url = other_base + request.url.removeprefix(own_base)
    return replace(request, url=url, region=region)


def own_host(request: PreparedRequest) -> bool:
    """Return whether a request goes to Mixpanel's host for its region."""
    base = base_url(request.api, request.region)
    if base is None or urlsplit(base)[:2] != urlsplit(request.url)[:2]:
        return False
    return request.url.startswith(base)


def advice(request: PreparedRequest, known: tuple[OtherRegion, ...]) -> str:
    """Return what to do if a project seems to live in another region."""
    project = request.project_id or "(none)"
    seems = f"The project {project} seems to live elsewhere than in {request.region}"
    return f"{seems}: {_what(request, known)}{_of_write(request)}"


def unsure_advice(request: PreparedRequest, known: tuple[OtherRegion, ...]) -> str:
    """Return the same for a refusal that may as well concern the credential."""
    return (
        f"The {request.authorization or 'call'} was refused in {request.region}. The "
        f"project may live elsewhere: {_what(request, known)} Otherwise check the "
        f"credential.{_of_write(request)}"
    )


def _what(request: PreparedRequest, known: tuple[OtherRegion, ...]) -> str:
    if known:
        return f"{_places(known)}."
    if not own_host(request):
        host = urlsplit(request.url).netloc
        return (
            f"hosts of the environment {request.environment} names {host} whatever the "
            "region is, so check it and the project."
        )
    return f"check region and project of the environment {request.environment}."


def _of_write(request: PreparedRequest) -> str:
    if not request.safety.writes:
        return ""
    return " A write is not sent elsewhere by itself: change the environment."


def loss_warning(known: tuple[OtherRegion, ...]) -> str:
    """Return a warning about records accepted in a region that may be the wrong one.

    Empty unless the default environment says so: of two environments that differ, one
    is right, and a warning after every success is read by nobody.
    """
    if not (usual := region_doubt(known)):
        return ""
    return (
        f"{usual[:-1]}: a region where the project does not live takes records and "
        "loses them."
    )


def region_doubt(known: tuple[OtherRegion, ...]) -> str:
    """Return ``The environment prod has the project in us.``, if it is the default."""
    usual = tuple(k for k in known if k.usual)
    return f"T{_places(usual, 'the project')[1:]}." if usual else ""


def _places(known: tuple[OtherRegion, ...], project: str = "it") -> str:
    """``the environment prod-eu has it in eu``"""
    messages = []
    for region in dict.fromkeys(k.region for k in known):
        names = [k.environment for k in known if k.region is region]
        several = len(names) > 1
        noun = "environments" if several else "environment"
        have = "have" if several else "has"
        messages.append(
            f"the {noun} {' and '.join(names)} {have} {project} in {region}"
        )
    return ", ".join(messages)
