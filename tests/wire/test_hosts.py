import socket
from typing import Any

import pytest

from integrations.wire.errors import Misconfigured
from integrations.wire.hosts import HostPolicy, Origin
from integrations.wire.messages import Request
from integrations.wire.session import Session

POLICY = HostPolicy(
    ("salesforce.com", "force.com"),
    ("127.0.0.1:8091", "localhost:8491", "[::1]:8092", "crm.internal.example", "10.0.0.5:443", "crm.example:8443"),
)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://login.salesforce.com/services", Origin("https", "login.salesforce.com", 443)),
        ("https://ALDERVALE.my.salesforce.com:443", Origin("https", "aldervale.my.salesforce.com", 443)),
        ("https://salesforce.com", Origin("https", "salesforce.com", 443)),
        (
            "https://aldervale--uat.sandbox.my.salesforce.com/",
            Origin("https", "aldervale--uat.sandbox.my.salesforce.com", 443),
        ),
        ("http://127.0.0.1:8091/services/Soap/u/64.0", Origin("http", "127.0.0.1", 8091)),
        ("http://[::1]:8092/", Origin("http", "::1", 8092)),
        ("https://localhost:8491/", Origin("https", "localhost", 8491)),
        ("https://crm.internal.example/x", Origin("https", "crm.internal.example", 443)),
        ("https://crm.example:8443/x", Origin("https", "crm.example", 8443)),
    ],
)
def test_check_lets_through(url: str, origin: Origin) -> None:
    assert POLICY.check(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "login.salesforce.com",
        "//login.salesforce.com",
        "ftp://login.salesforce.com",
        "file:///etc/passwd",
        "http://login.salesforce.com",
        "https://evilsalesforce.com",
        "https://salesforce.com.evil.example",
        "https://evil.example/salesforce.com",
        "https://evil.example#.salesforce.com",
        "https://evil.example?.salesforce.com",
        "https://login.salesforce.com@evil.example",
        "https://user:secret@login.salesforce.com",
        "https://evil.example\\@login.salesforce.com",
        "https://evil.example\\.salesforce.com",
        "https://login.salesforce.com\t.evil.example",
        "https://login.salesforce.com\n",
        "https://login.salesforce.com\x00.evil.example",
        "https://login.salesforce.com:8443",
        "https://login.salesforce.com:99999",
        "https://login.salesforce.com.",
        "https://.salesforce.com",
        "https://login..salesforce.com",
        "https://ⓢalesforce.com",
        "https://login.salesforce%2ecom",
        "https://127.0.0.1:8091.salesforce.com",
        "https://127.0.0.1",
        "http://127.0.0.1:8092",
        "http://127.0.0.1",
        "http://127.1:8091",
        "http://2130706433:8091",
        "http://0x7f000001:8091",
        "http://0177.0.0.1:8091",
        "http://[::ffff:127.0.0.1]:8091",
        "https://[::ffff:169.254.169.254]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.5/",
        "http://crm.internal.example/",
        "http://crm.internal.example:443/",
        "https://crm.example/",
        "https://[::1",
    ],
)
def test_check_refuses(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        POLICY.check(url)

    assert caught.value.code == "HOST_REFUSED"


def test_check_refuses_mapped_loopback_even_when_listed() -> None:
    policy = HostPolicy((), ("[::ffff:127.0.0.1]:80", "2130706433:80"))

    with pytest.raises(Misconfigured):
        policy.check("http://[::ffff:127.0.0.1]:80/")


@pytest.mark.parametrize(
    ("host", "address", "allowed"),
    [
        ("login.salesforce.com", "13.110.1.1", True),
        ("login.salesforce.com", "2a00:1450::1", True),
        ("login.salesforce.com", "127.0.0.1", False),
        ("login.salesforce.com", "10.1.2.3", False),
        ("login.salesforce.com", "172.16.0.1", False),
        ("login.salesforce.com", "192.168.1.1", False),
        ("login.salesforce.com", "169.254.169.254", False),
        ("login.salesforce.com", "100.64.0.1", False),
        ("login.salesforce.com", "0.0.0.0", False),
        ("login.salesforce.com", "224.0.0.1", False),
        ("login.salesforce.com", "::1", False),
        ("login.salesforce.com", "fe80::1", False),
        ("login.salesforce.com", "fd00::1", False),
        ("login.salesforce.com", "::ffff:10.0.0.1", False),
        ("login.salesforce.com", "64:ff9b::a00:1", False),
        ("login.salesforce.com", "2002:a00:1::1", False),
        ("crm.internal.example", "10.1.2.3", True),
        ("localhost", "127.0.0.1", True),
        ("localhost", "10.1.2.3", False),
    ],
)
def test_may_connect(host: str, address: str, allowed: bool) -> None:
    assert POLICY.may_connect(host, 443, address) is allowed


def test_name_that_turns_to_a_private_address_is_refused_at_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def rebound(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("13.110.1.1", port))
        return [public, private]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    session = Session(HostPolicy(("salesforce.com",)), max_wait=0)

    with pytest.raises(Misconfigured) as caught:
        session.send(Request("GET", "https://rebind.my.salesforce.com/"))

    assert (caught.value.code, asked) == ("HOST_REFUSED", ["rebind.my.salesforce.com"])
