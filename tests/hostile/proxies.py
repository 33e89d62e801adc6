"""Proxies that refuse, lie or die, and hosts of several addresses."""

from __future__ import annotations

from tests.hostile.answers import ARRIVED, OPEN, answer
from tests.hostile.script import SLOW, Case, Do, Flood, Route, Script, Send, Step, Tls
from tests.outcome.hostile_answers import DATA, http

_PROXY = {"route": Route.PROXY}


_CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def tunnel(*script: Step) -> Script:
    """Open the tunnel that is asked for, then go on."""
    return (*answer(_CONNECTED), *script)


def refusing(status: str, *headers: str) -> Script:
    """Answer to CONNECT with a status."""
    return answer(http(b"<h1>Blocked</h1>", status, *headers))


PROXIES = (
    Case(
        "opens the tunnel", tunnel(Tls("x.test"), *ARRIVED), "accepted", 0, "", **_PROXY
    ),
    Case(
        "no listener",
        (),
        "no response",
        5,
        "Connection refused by the proxy 127.0.0.1: check host and port.",
        route=Route.NO_PROXY,
    ),
    Case(
        "407",
        refusing("407 Proxy Authentication Required", "Proxy-Authenticate: Basic"),
        "no response",
        5,
        "The proxy refused the connection (407 Proxy Authentication Required): check HTTPS_PROXY and NO_PROXY.",
        **_PROXY,
    ),
    Case(
        "407, on a write",
        refusing("407 Proxy Authentication Required"),
        "no response",
        5,
        "The proxy refused the connection (407 Proxy Authentication Required): check HTTPS_PROXY and NO_PROXY.",
        operation="import",
        **_PROXY,
    ),
    Case(
        "403",
        refusing("403 Forbidden"),
        "no response",
        5,
        "The proxy refused the connection (403 Forbidden): check HTTPS_PROXY and NO_PROXY.",
        **_PROXY,
    ),
    Case(
        "502",
        refusing("502 Bad Gateway"),
        "no response",
        5,
        "The proxy refused the connection (502 Bad Gateway): check HTTPS_PROXY and NO_PROXY.",
        **_PROXY,
    ),
    Case(
        "redirects",
        refusing("302 Found", "Location: http://login.example/"),
        "no response",
        5,
        "The proxy refused the connection (302 Found): check HTTPS_PROXY and NO_PROXY.",
        **_PROXY,
    ),
    Case(
        "reason with escapes",
        refusing("403 \x1b[2J"),
        "no response",
        5,
        "The proxy refused the connection (403 ␛[2J): check HTTPS_PROXY and NO_PROXY.",
        **_PROXY,
    ),
    Case(
        "SMTP",
        (Do.READ, Send(b"220 mail.example ESMTP\r\n\r\n")),
        "not HTTP",
        5,
        "The response from the proxy 127.0.0.1 is not HTTP (illegal status line: “220 mail.example ESMTP”): check host and port.",
        **_PROXY,
    ),
    Case(
        "headers without end",
        (Do.READ, Send(b"HTTP/1.1 200 OK\r\n"), Flood(b"X: 1\r\n" * 100)),
        "not HTTP",
        5,
        "The response headers from the proxy 127.0.0.1 are too long for mixtui: check host and port.",
        **_PROXY,
    ),
    Case(
        "closes at once",
        (Do.HALF_CLOSE,),
        "no response",
        5,
        "The proxy 127.0.0.1 closed the connection without a response: retry.",
        **_PROXY,
    ),
    Case(
        "closes after the request",
        (Do.READ,),
        "no response",
        5,
        "The proxy 127.0.0.1 closed the connection without a response: retry.",
        **_PROXY,
    ),
    Case(
        "resets after the request",
        (Do.READ, Do.RESET),
        "no response",
        5,
        "Could not connect to the proxy 127.0.0.1: check the network or the proxy.",
        **_PROXY,
    ),
    Case(
        "silence",
        (Do.READ, Do.HOLD),
        "no response",
        5,
        "Could not connect to the proxy 127.0.0.1 within 300 ms: check the network or the proxy, or raise the timeout option.",
        **_PROXY,
        **SLOW,
    ),
    Case(
        "silence, on a write",
        (Do.READ, Do.HOLD),
        "no response",
        5,
        "Could not connect to the proxy 127.0.0.1 within 300 ms: check the network or the proxy, or raise the timeout option.",
        operation="import",
        **_PROXY,
        **SLOW,
    ),
    Case(
        "100 Continue, then opens the tunnel",
        (
            *answer(b"HTTP/1.1 100 Continue\r\n\r\n", _CONNECTED),
            Tls("x.test"),
            *ARRIVED,
        ),
        "accepted",
        0,
        "",
        **_PROXY,
    ),
    Case(
        "opens the tunnel with a length",
        (
            *answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
            Tls("x.test"),
            *ARRIVED,
        ),
        "accepted",
        0,
        "",
        **_PROXY,
    ),
    Case(
        "opens the tunnel, then closes",
        tunnel(),
        "no response",
        5,
        "{host} closed the connection during the TLS handshake: check host, port and any proxy.",
        **_PROXY,
    ),
    Case(
        "opens the tunnel, then resets",
        tunnel(Do.READ_BYTES, Do.RESET),
        "no response",
        5,
        "{host} closed the connection during the TLS handshake: check host, port and any proxy.",
        **_PROXY,
    ),
    Case(
        "opens the tunnel, then silence",
        tunnel(Do.HOLD),
        "no response",
        5,
        "Could not connect to {host} within 300 ms: check the network or the proxy, or raise the timeout option.",
        **_PROXY,
        **SLOW,
    ),
    Case(
        "opens the tunnel, then plain HTTP",
        tunnel(Do.READ_BYTES, Send(http(b"", "400 Bad Request"))),
        "no response",
        5,
        "TLS handshake failed: {host} does not use TLS. Check the port, or use http.",
        **_PROXY,
    ),
    Case(
        "presents a certificate of its own",
        tunnel(Tls("unknown authority"), *ARRIVED),
        "no response",
        5,
        "The certificate of {host} is not trusted (unable to get local issuer certificate): if it is issued by your own CA, set ca_file in the environment demo.",
        **_PROXY,
    ),
    Case(
        "presents a certificate for itself",
        tunnel(Tls("good"), *ARRIVED),
        "no response",
        5,
        "The certificate of {host} is for a different name (Hostname mismatch, certificate is not valid for '{host}'.): check the host.",
        **_PROXY,
    ),
    Case(
        "dies before the response",
        tunnel(Tls("x.test"), Do.READ, Do.RESET),
        "no response",
        5,
        "The connection to {host} was lost before a response arrived: retry.",
        **_PROXY,
    ),
    Case(
        "dies before the response to a write",
        tunnel(Tls("x.test"), Do.READ, Do.RESET),
        "no response; the server may have processed it",
        5,
        "The connection to {host} was lost before a response arrived: check before you retry.",
        operation="import",
        **_PROXY,
    ),
    Case(
        "dies in the body",
        tunnel(Tls("x.test"), *answer(OPEN, DATA), Do.RESET),
        "incomplete",
        5,
        "The body is incomplete after 88 B: the connection was lost.",
        **_PROXY,
    ),
)


ADDRESSES = (
    Case("IPv6 literal", ARRIVED, "accepted", 0, "", route=Route.IPV6),
    Case(
        "IPv6 literal, closes",
        (Do.READ,),
        "no response",
        5,
        "{host} closed the connection without a response: retry.",
        route=Route.IPV6,
    ),
    Case(
        "IPv6 refused, then IPv4",
        ARRIVED,
        "accepted",
        0,
        "",
        addresses=("refused6", "server"),
    ),
    Case(
        "IPv6 unreachable, then IPv4",
        ARRIVED,
        "accepted",
        0,
        "",
        addresses=("unreachable6", "server"),
    ),
    Case(
        "IPv6 silent, then IPv4",
        ARRIVED,
        "accepted",
        0,
        "",
        addresses=("silent6", "server"),
    ),
    Case(
        "IPv4 silent, then IPv6 refused, then IPv4",
        ARRIVED,
        "accepted",
        0,
        "",
        addresses=("silent", "refused6", "server"),
    ),
    Case(
        "all refused",
        (),
        "no response",
        5,
        "Connection refused by {host}: check host and port.",
        addresses=("refused6", "refused"),
    ),
    Case(
        "all unreachable",
        (),
        "no response",
        5,
        "No route to {host}: check the network, VPN or proxy.",
        addresses=("unreachable6", "unreachable"),
    ),
    Case(
        "one unreachable, one refused",
        (),
        "no response",
        5,
        "No route to {host}: check the network, VPN or proxy.",
        addresses=("unreachable6", "refused"),
    ),
    Case(
        "all silent",
        (),
        "no response",
        5,
        "Could not connect to {host} within 300 ms: check the network or the proxy, or raise the timeout option.",
        addresses=("silent6", "silent"),
        **SLOW,
    ),
    Case(
        "all silent, on a write",
        (),
        "no response",
        5,
        "Could not connect to {host} within 300 ms: check the network or the proxy, or raise the timeout option.",
        addresses=("silent6", "silent"),
        operation="import",
        **SLOW,
    ),
    Case(
        "unknown host",
        (),
        "no response",
        5,
        "Could not resolve {host}: check the network and the spelling.",
        addresses=("unknown",),
    ),
    Case(
        "a resolver that fails",
        (),
        "no response",
        5,
        "Could not resolve {host}: check the network and the spelling.",
        addresses=("failing",),
    ),
)
