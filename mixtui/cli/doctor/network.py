"""Proxies, certificates, and on request which of Mixpanel's servers can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from mixtui.cli.doctor.finding import Finding, split_sentence
from mixtui.cli.doctor.mask import mask_url, without_quotations
from mixtui.mixpanel.apis import Api, Region, base_url
from mixtui.model.environment import Environment, Tls
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.text import duration

if TYPE_CHECKING:
    from mixtui.client.client import Client
    from mixtui.model.prepared import PreparedRequest
    from mixtui.storage.quota import QuotaStore

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSLKEYLOGFILE",
)
_TIMEOUT = 10.0
"""Seconds to wait for a server."""


def find_network(
    environments: Iterable[Environment], variables: Mapping[str, str]
) -> Iterator[Finding]:
    """Report the variables that decide how requests are sent, and whether they work."""
    is_direct = True
    for name in _PROXIES:
        for spelling in (name, name.lower()):
            value = variables.get(spelling, "")
            if value:
                is_direct = False
                shown = value if name == "NO_PROXY" else mask_url(value)
                yield Finding(spelling, shown)
    if is_direct:
        yield Finding("proxy", "no proxy variable is set")
    for name in _CERTIFICATES:
        if value := variables.get(name, ""):
            yield Finding(name, value)
    yield from _certificates(environments, variables)


def _certificates(
    environments: Iterable[Environment], variables: Mapping[str, str]
) -> Iterator[Finding]:
    """Report whether certificates can be loaded, for each setting that an environment has."""
    from mixtui.client.connections import ssl_context

    settings = {Tls(): "certificates"}
    for each in environments:
        if not each.ungranted:
            settings.setdefault(each.tls, f"TLS of {each.name}")
    for tls, name in settings.items():
        try:
            context = ssl_context(tls, variables)
        except MixtuiError as error:
            what, remedy = split_sentence(without_quotations(str(error)))
            yield Finding(name, what, remedy, ExitStatus.USAGE)
            continue
        count = context.cert_store_stats()["x509_ca"]
        yield Finding(name, f"{count} trusted authorities")


class _Target(Struct, frozen=True):
    """One server to reach: where, and with which certificates."""

    origin: str
    tls: Tls
    environment: Environment
    api: Api


def find_reachable(environments: Iterable[Environment]) -> Iterator[Finding]:
    """Send one request without credentials to each server, and report how long it took.

    It goes to the root of a host, so it belongs to no project and counts against no quota;
    its response is not read.
    """
    targets = list(_targets(environments))
    yield from asyncio.run(_reach_all(targets))


def _targets(environments: Iterable[Environment]) -> Iterator[_Target]:
    usable = [each for each in environments if not each.ungranted]
    seen: set[tuple[str, Tls]] = set()
    for environment in usable or [Environment("none", Region.US)]:
        for api in Api:
            url = environment.hosts.get(api) or base_url(api, environment.region)
            if url is None:
                continue
            parts = urlsplit(url)
            origin = f"{parts.scheme}://{parts.netloc}"
            if (origin, environment.tls) not in seen:
                seen.add((origin, environment.tls))
                yield _Target(origin, environment.tls, environment, api)


async def _reach_all(targets: list[_Target]) -> list[Finding]:
    from mixtui.client.client import Client
    from mixtui.storage.paths import state_dir
    from mixtui.storage.quota import QuotaStore

    client, store = Client(), QuotaStore(state_dir())
    try:
        # One after the other: together, each would slow the handshakes of the others.
        return [await _reach(target, client, store) for target in targets]
    finally:
        store.close()
        await client.close()


async def _reach(target: _Target, client: Client, store: QuotaStore) -> Finding:
    from mixtui.dispatch.dispatch import NoResponse, dispatch
    from mixtui.dispatch.quota import QuotaGuard
    from mixtui.system import CancelToken

    name = target.origin.removeprefix("https://")
    token = CancelToken()
    try:
        dispatched = await dispatch(
            _request(target),
            client=client,
            quota=QuotaGuard(store, accounts=(), report=lambda _: None),
            on_head=lambda _: token.cancel(),  # The body is not needed.
            cancel_token=token,
        )
    except MixtuiError as error:
        return _unreachable(name, str(error), error.exit_status)
    if isinstance(dispatched, NoResponse):
        return _unreachable(name, str(dispatched.error), ExitStatus.NO_RESPONSE)
    response, timing = dispatched.exchange.response, dispatched.exchange.timing
    waited = timing.first_byte - timing.connecting - timing.securing
    phases = {
        "DNS": timing.resolving,
        "TCP": timing.connecting - timing.resolving,
        "TLS": timing.securing,
        "HTTP": waited,
    }
    facts = [f"reached: {response.status} in {duration(timing.first_byte)}"]
    facts += (f"{phase} {duration(took)}" for phase, took in phases.items() if took)
    return Finding(name, " · ".join(facts))


def _request(target: _Target) -> PreparedRequest:
    """Return a request without credentials, headers of the user, and body."""
    from mixtui.mixpanel.apis import SERVICES
    from mixtui.mixpanel.endpoints import Safety, find_endpoint
    from mixtui.model.draft import Method
    from mixtui.model.prepared import PreparedRequest

    return PreparedRequest(
        method=Method.GET,
        api=target.api,
        url=f"{target.origin}/",
        headers=(),
        content=None,
        authorization=None,
        timeout=_TIMEOUT,
        follow_redirects=False,
        environment=target.environment.name,
        region=target.environment.region,
        project_id="",
        tls=target.tls,
        endpoint=find_endpoint(SERVICES[target.api], Method.GET, "/"),
        safety=Safety.READ,
        history=False,
    )


def _unreachable(name: str, sentence: str, status: int) -> Finding:
    what, remedy = split_sentence(sentence)
    if not remedy or "timeout option" in remedy:  # That of a request.
        remedy = "Check the network: a firewall or proxy may block it."
    return Finding(name, what, remedy, status)
