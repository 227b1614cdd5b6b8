"""Which addresses are reached when somebody else names them."""

import ipaddress

import pytest

from halles.model import CallFailed
from halles.net import Guard

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.0.0.0", "169.254.169.254",  # noqa: S104
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.0.2.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "fec0::1", "::127.0.0.1",
]  # fmt: skip
WRAPPED = [
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:53aa:64c::1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1",
]  # fmt: skip


def code(guard: Guard, url: str) -> str:
    with pytest.raises(CallFailed) as refusal:
        guard.check(url)
    return refusal.value.problem.code


@pytest.mark.parametrize("address", PRIVATE + WRAPPED)
def test_addresses_that_are_not_public_are_refused_in_every_disguise(address: str) -> None:
    assert not Guard().permits(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_reached(address: str) -> None:
    assert Guard().permits(ipaddress.ip_address(address))


def test_an_operator_allows_networks_and_no_more_than_those() -> None:
    guard = Guard.read({"HALLES_ALLOWED_NETWORKS": "10.1.0.0/16, fd00:1::/32"}, loopback=False)
    assert guard.permits(ipaddress.ip_address("10.1.255.1"))
    assert guard.permits(ipaddress.ip_address("::ffff:10.1.0.1"))
    assert guard.permits(ipaddress.ip_address("fd00:1::5"))
    assert not guard.permits(ipaddress.ip_address("10.2.0.1"))
    assert not guard.permits(ipaddress.ip_address("127.0.0.1"))


def test_a_server_on_loopback_reaches_the_services_of_its_own_machine() -> None:
    guard = Guard.read({}, loopback=True)
    assert guard.permits(ipaddress.ip_address("127.0.0.1")) and guard.permits(ipaddress.ip_address("::1"))
    assert not guard.permits(ipaddress.ip_address("192.168.1.1"))


def test_a_setting_that_is_no_list_of_networks_says_what_one_is() -> None:
    with pytest.raises(ValueError, match=r"HALLES_ALLOWED_NETWORKS.*10\.1\.0\.0/16"):
        Guard.read({"HALLES_ALLOWED_NETWORKS": "the office"}, loopback=False)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "gopher://x/", "example.org", "", "http://"]
)
def test_only_http_is_spoken(url: str) -> None:
    assert code(Guard(), url) == "bad-url"


def test_a_url_with_a_password_is_refused_and_the_message_keeps_the_secret() -> None:
    with pytest.raises(CallFailed, match=r"example\.org") as refusal:
        Guard().check("http://user:secret@example.org/")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("port", [22, 25, 6379, 2375])
def test_ports_of_other_protocols_are_refused(port: int) -> None:
    assert code(Guard(), f"http://example.org:{port}/") == "address-refused"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
def test_literal_addresses_are_refused_before_any_request(host: str) -> None:
    assert code(Guard(), f"http://{host}:8080/status") == "address-refused"


def test_the_refusal_names_the_setting_that_would_allow_it() -> None:
    with pytest.raises(CallFailed, match="HALLES_ALLOWED_NETWORKS"):
        Guard().check("http://10.0.0.1:8080/")
