"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

SITE_BITS = 64
"""Of an IPv6 address: who has one has the other 2^64 of the same site too (RFC 6177)."""


def address_of(request: HttpRequest) -> str:
    """Return the caller's address.

    It is the one that connected; behind ``TRUSTED_PROXIES`` proxies the one that the outermost of
    them saw, which is that many from the right of ``X-Forwarded-For``. What stands further left
    anyone may have written, and where the header is too short or names no address, nothing of it
    is believed.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < proxies <= len(hops):
        return connected
    seen = _parsed(hops[-proxies].strip())
    return connected if seen is None else str(seen)


def site_of(address: str) -> str:
    """Return what counts as one caller: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed.packed, SITE_BITS), strict=False))
    return address if parsed is None else str(parsed)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
