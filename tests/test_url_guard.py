"""What may be fetched: the public web, however an address is written and whatever its name answers."""

from __future__ import annotations

import ipaddress

import pytest

from bot.url_guard import Page, checked_addresses, is_public, parse_page
from index.errors import UsageError

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "192.88.99.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254",
    "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::7f00:1", "2001:db8::1", "3fff::1", "100::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_this_machine_its_network_or_a_reserved_range_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://news.example", "news.example", "/"),
        ("HTTPS://News.Example:443/a/b?q=1#part", "news.example", "/a/b?q=1"),
        (
            "https://bücher.example/straße?q=ä b".replace(" ", "%20"),
            "xn--bcher-kva.example",
            "/stra%C3%9Fe?q=%C3%A4%20b",
        ),
        ("HTTP:" + "//news.example./x", "news.example", "/x"),
        ("http://news_1.example/%7Eme/(a),b;c", "news_1.example", "/%7Eme/(a),b;c"),
        ("http://[2606:4700::1111]/", "2606:4700::1111", "/"),
        ('http://news.example/"><script>', "news.example", "/%22%3E%3Cscript%3E"),
    ],
)
def test_an_address_is_taken_apart_and_written_in_ascii(url: str, host: str, path: str) -> None:
    page = parse_page(url)
    assert (page.host, page.path) == (host, path)
    assert parse_page(page.url) == page


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "news.example/a", "//news.example", "ftp://news.example/", "file:///etc/passwd", "gopher://news.example",
        "javascript:alert(1)", "data:text/html,x", "jar:http://x!/", "http:///path", "http://", "http://user@news.example/",
        "http://user:secret@news.example/", "http://news.example:8080/", "https://news.example:80/",
        "http://news.example:22/", "http://news.example:99999/", "http://news.example:x/", "http://a b.example/",
        "http://news.example/a b", "http://news.example/\r\nHost: x", "http://news.example\\@127.0.0.1/",
        "http://127%2e0%2e0%2e1/", "http://[fe80::1%25eth0]/", "http://[::1/", "http://-x.example/", "http://x..example/",
        "http://" + "a" * 64 + ".example/", "http://news.example/" + "a" * 2000, "http://*.example/",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_address_of_the_web_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_page(url)
    assert raised.value.wrong.endswith(".")
    assert raised.value.mend


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1",
        "127.1", "127.0.0.1.0x1", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1",
        "0", "news.example.0x", "1.2.3",
    ],
)  # fmt: skip
def test_numbers_in_disguise_are_refused_before_anything_is_looked_up(host: str) -> None:
    def resolve(name: str, port: int) -> list[str]:
        assert name == "127.0.0.1", "an address in its usual form is all that may come here"
        return [name]

    with pytest.raises(UsageError):
        checked_addresses(parse_page(f"http://{host}/"), resolve=resolve)


def answers(*addresses: str):
    return lambda host, port: list(addresses)


PAGE = Page("http", "news.example", "/")


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="not on the public web"):
        checked_addresses(PAGE, resolve=answers(address))


def test_a_name_that_leads_both_out_and_in_is_refused() -> None:
    with pytest.raises(UsageError, match=r"10\.0\.0\.7"):
        checked_addresses(PAGE, resolve=answers("93.184.215.14", "2606:4700::1111", "10.0.0.7"))


def test_a_public_name_gives_its_addresses_in_order() -> None:
    found = checked_addresses(PAGE, resolve=answers("2606:4700::1111", "93.184.215.14", "2606:4700::1111"))
    assert found == ["2606:4700::1111", "93.184.215.14"]


def test_a_name_without_an_address_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="no address"):
        checked_addresses(PAGE, resolve=answers())


@pytest.mark.parametrize("url", ["http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/"])
def test_this_machine_is_refused_by_the_system_s_own_answers(url: str) -> None:
    with pytest.raises(UsageError, match="not on the public web"):
        checked_addresses(parse_page(url))
