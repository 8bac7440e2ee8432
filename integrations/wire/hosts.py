"""Which addresses a connection may talk to: the vendor's own hosts, and what the deployment lists; nothing else."""

import ipaddress
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from .errors import Misconfigured

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"https": 443, "http": 80}
HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?")
# NAT64 carries an IPv4 address in its last 32 bits, and the ipaddress module does not unwrap it.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class HostPolicy:
    vendor_suffixes: tuple[str, ...]
    extra_hosts: tuple[str, ...] = ()
    """Exact "host" or "host:port"; without a port the scheme's own is meant."""

    def check(self, url: str) -> Origin:
        """The origin of an allowed address; raises Misconfigured for all others, before anything is sent."""
        origin = origin_of(url)
        if self._lists(origin):
            if origin.scheme == "http" and not is_loopback_name(origin.host):
                raise refused(origin.host, "Plain http is allowed on this machine only.")
            return origin
        if origin.scheme != "https":
            raise refused(origin.host, "Only https is allowed.")
        if not looks_like_name(origin.host):
            raise refused(origin.host, "A host name is needed, not a number.")
        if origin.port != DEFAULT_PORTS["https"] or not self._is_vendors(origin.host):
            raise refused(f"{origin.host}:{origin.port}", "It is not a host of this system, and not listed.")
        return origin

    def may_connect(self, host: str, port: int, address: str) -> bool:
        """Whether a name may lead to this address, asked when the connection is made (a name can change its mind)."""
        ip = ipaddress.ip_address(address)
        if is_loopback_name(host):
            return ip.is_loopback
        if self._lists(Origin("https", host, port)):
            return True
        return all(one.is_global and not one.is_multicast for one in (ip, *inner_addresses(ip)))

    def _lists(self, origin: Origin) -> bool:
        listed = {entry.strip().lower() for entry in self.extra_hosts}
        if f"{origin.host}:{origin.port}" in listed or f"[{origin.host}]:{origin.port}" in listed:
            is_listed = True
        else:
            is_listed = origin.port == DEFAULT_PORTS[origin.scheme] and origin.host in listed
        # A number is never a vendor's host, whoever listed it; only this machine has one.
        return is_listed and (looks_like_name(origin.host) or is_loopback_name(origin.host))

    def _is_vendors(self, host: str) -> bool:
        return any(host == suffix or host.endswith(f".{suffix}") for suffix in self.vendor_suffixes)


def origin_of(url: str) -> Origin:
    parts = split(url)
    host = parts.hostname or ""
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise refused(url[:60], "The address must begin with https://.")
    if "@" in parts.netloc:
        raise refused(host, "User name and password do not belong in an address.")
    return Origin(parts.scheme, host, parts.port or DEFAULT_PORTS[parts.scheme])


def split(url: str) -> SplitResult:
    # Parsers disagree about these characters, and what one checks the other would not call.
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise refused("", "The address holds characters that do not belong there.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise refused("", f"The address cannot be read: {error}.") from None
    return parts


def address_of(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def looks_like_name(host: str) -> bool:
    """False for every way to write a number (127.1, 2130706433, 0x7f.1, ::1): a last label begins with a letter."""
    return HOST_NAME.fullmatch(host) is not None


def is_loopback_name(host: str) -> bool:
    ip = address_of(host)
    return host == "localhost" if ip is None else ip.is_loopback and not inner_addresses(ip)


def inner_addresses(ip: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that hide in an IPv6 one."""
    if ip.version == 4:
        return ()
    teredo = ip.teredo or ()
    nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None
    return tuple(inner for inner in (ip.ipv4_mapped, ip.sixtofour, nat64, *teredo) if inner is not None)


def refused(host: str, why: str) -> Misconfigured:
    return Misconfigured("HOST_REFUSED", f"{host}: {why}" if host else why, fields=("base_url",))
