"""Which addresses may be reached when somebody else names them.

A server that fetches what others ask for must not become their way into its own network: the metadata service of a
cloud, a database on the same machine, a printer in the office. So only public addresses are reached, and those of
networks that an operator allows.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx

from halles.model import CallFailed, Problem, say

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SETTING = "HALLES_ALLOWED_NETWORKS"
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
NAT64 = IPv6Network("64:ff9b::/96")
"""Its last 32 bits are an IPv4 address; a translator on the way reaches that one."""
REFUSED: tuple[Network, ...] = (
    IPv4Network("168.63.129.16/32"),  # The metadata service of Azure has a public address.
    IPv4Network("192.0.0.0/24"),  # Protocol assignments, which not all Pythons know as private.
    IPv4Network("192.88.99.0/24"),  # Relays of 6to4.
    IPv6Network("2002::/16"),  # 6to4 and Teredo wrap any IPv4 address, and are out of use.
    IPv6Network("2001::/32"),
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of the local network.
    IPv6Network("::/96"),  # IPv4-compatible addresses, long deprecated.
    IPv6Network("fec0::/10"),  # Site-local addresses, too.
    IPv6Network("3fff::/20"),  # Documentation and segment routing, which not all Pythons know.
    IPv6Network("5f00::/16"),
)
"""Refused besides what the registry of IANA does not call global."""
PORTS = frozenset({80, 443})
"""Besides these, ports from 1024 on: what listens below speaks mail, files and shells."""
OTHER_PROTOCOLS = frozenset({2049, 2375, 2379, 3306, 5432, 6000, 6379, 6667, 9042, 10250, 11211, 27017})
"""Ports from 1024 on where data stores and control planes listen that take commands without asking who sends them."""


class Guard:
    """Judges URLs and addresses. `allowed` are the networks that are reached though they are not public."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self.allowed = tuple(allowed)

    @classmethod
    def read(cls, environment: Mapping[str, str], *, loopback: bool) -> "Guard":
        """The guard that the settings ask for. Raises `ValueError` when they are no list of networks.

        A server on loopback serves who works on this machine, whose own services are on loopback too.
        """
        given = [part.strip() for part in environment.get(SETTING, "").split(",") if part.strip()]
        try:
            networks = [ipaddress.ip_network(part, strict=False) for part in given]
        except ValueError as error:
            raise ValueError(
                f"{SETTING}: {error}. Give networks separated by commas, such as `10.1.0.0/16,fd00::/8`."
            ) from error
        return cls([*networks, *(LOOPBACK if loopback else ())])

    def permits(self, address: Address) -> bool:
        """Whether a connection to an address may be made."""
        address = _meant(address)
        if any(address in network for network in self.allowed):
            return True
        special = address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified
        return address.is_global and not special and not any(address in network for network in REFUSED)

    def check(self, url: str) -> httpx.URL:
        """The URL, when its form is one that may be reached; its name is judged when it is resolved.

        Raises `CallFailed`, also for a literal address that is refused.
        """
        try:
            parsed = httpx.URL(url)
            port = parsed.port or (443 if parsed.scheme == "https" else 80)
        except (httpx.InvalidURL, UnicodeError, TypeError, ValueError) as error:
            raise refused("bad-url", say("`{url}` is no URL: {error}.", url=url, error=error)) from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise refused(
                "bad-url", say("`{url}` is no address of HTTP. One looks like `https://example.org/service`.", url=url)
            )
        if parsed.userinfo:
            raise refused(
                "bad-url",
                say("The address at `{host}` has a name or password in it. Leave them out.", host=parsed.host),
            )
        if (port < 1024 and port not in PORTS) or port in OTHER_PROTOCOLS:
            message = say(
                "Port {port} of `{host}` is not one for HTTP. Use 80, 443, or another one from 1024 on.",
                port=port,
                host=parsed.host,
            )
            raise refused("address-refused", message)
        try:
            literal = ipaddress.ip_address(parsed.host)
        except ValueError:
            return parsed
        if not self.permits(literal):
            raise self.refusal(parsed.host, [literal])
        return parsed

    def refusal(self, host: str, found: Iterable[Address]) -> CallFailed:
        """The error for a host none of whose addresses may be reached."""
        which = ", ".join(sorted({str(address) for address in found} - {host}))
        where = f"`{host}` ({which})" if which else f"`{host}`"
        message = say(
            "{where} is not a public address, so it is not reached for others. "
            "An operator can allow its network with {setting}.",
            where=where,
            setting=SETTING,
        )
        return refused("address-refused", message)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address can only mean this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def refused(code: str, message: str) -> CallFailed:
    """A refusal that no new try would change."""
    return CallFailed(Problem(code=code, message=message), retry=False)


def _meant(address: Address) -> Address:
    """The address that packets reach in the end."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
