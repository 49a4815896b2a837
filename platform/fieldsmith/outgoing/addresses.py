"""Which addresses of the network are public, so that a URL somebody wrote may lead there. Pure: no name is looked up here.

Asked by `client` for the address a name was resolved to, never for the name alone.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_EMBEDDED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))  # NAT64 and the old IPv4-compatible form hold an IPv4 address in their last bits
_UNICAST = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
            *("192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        ),
    )
)


def canonical(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it; any other as it is."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if any(address in network for network in _EMBEDDED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    """May anybody in the world have this address? Loopback, private, link-local, shared, reserved and tunnelled ones are not public."""
    real = canonical(address)
    if isinstance(real, IPv4Address):
        return not any(real in network for network in _SPECIAL_4)
    return real in _UNICAST and not any(real in network for network in _SPECIAL_6)


def literal(host: str) -> Address | None:
    """The address that `host` spells in its one proper form, None for a name.

    Raises `ValueError` for what some programs take as an address and others as a name: `0177.1`, `2130706433`, `0x7f.1`, `127.1`.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    last = bare.rpartition(".")[2]
    if ":" in bare or last.isdigit() or last.lower().startswith("0x"):
        return ip_address(bare)
    return None
