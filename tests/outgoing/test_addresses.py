"""Which addresses are public, and which spellings of one are refused."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from fieldsmith.outgoing.addresses import is_public, literal

CLOSED = (
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1"),
    *("fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "3fff::1", "100::1", "5f00::1", "4000::1"),
)
OPEN = ("1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", CLOSED)
def test_addresses_of_machines_and_networks_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_addresses_of_the_world_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["0177.1", "0177.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "127.1", "127.0.0.01", "1.2.3.4.5", "::1::", "256.1.1.1"])
def test_an_address_has_one_spelling(host: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        literal(host)


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1"), ("::1", "::1"), ("example.com", None), ("7.example", None)])
def test_proper_addresses_and_names_are_told_apart(host: str, address: str | None) -> None:
    assert literal(host) == (None if address is None else ip_address(address))
