"""Proxy headers count only from the configured hop (CF02)."""

from ipaddress import ip_network

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from core.middleware import TrustedProxies

CLAIMED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6",
}


def seen(address: str, headers: dict[str, str], scheme: str = "http") -> HttpRequest:
    """The request as the views see it; ``scheme`` is what gunicorn made of it."""
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)
    request.META["wsgi.url_scheme"] = scheme
    TrustedProxies(lambda request: HttpResponse())(request)
    return request


@pytest.fixture
def proxied(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/24")]
    settings.USE_X_FORWARDED_HOST = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["*"]


def test_without_proxies_nobody_is_believed(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = seen("127.0.0.1", CLAIMED, scheme="https")  # gunicorn believes this machine
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
    assert not request.is_secure()
    assert [name for name in request.headers if "Forward" in name or "Real" in name] == []


@pytest.mark.usefixtures("proxied")
def test_a_caller_past_the_proxy_is_not_believed() -> None:
    request = seen("192.0.2.7", CLAIMED)
    assert request.META["REMOTE_ADDR"] == "192.0.2.7"
    assert (request.is_secure(), request.get_host()) == (False, "testserver")


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize("proxy", ["127.0.0.1", "10.0.0.9", "::ffff:10.0.0.9"])
def test_the_proxy_is_believed(proxy: str) -> None:
    said = {
        "X-Forwarded-For": "203.0.113.5",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "bianfang.example",
    }
    request = seen(proxy, said)
    assert request.META["REMOTE_ADDR"] == "203.0.113.5"
    assert (request.is_secure(), request.get_host()) == (True, "bianfang.example")


@pytest.mark.usefixtures("proxied")
@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("6.6.6.6, 203.0.113.5", "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5, 10.0.0.9", "203.0.113.5"),
        ("203.0.113.5, nonsense, 10.0.0.9", "10.0.0.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("", "127.0.0.1"),
        (" , ", "127.0.0.1"),
    ],
)
def test_the_chain_is_read_from_our_end(chain: str, address: str) -> None:
    assert seen("127.0.0.1", {"X-Forwarded-For": chain}).META["REMOTE_ADDR"] == address


@pytest.mark.usefixtures("proxied")
def test_of_two_schemes_the_proxy_s_own_counts() -> None:
    assert not seen("127.0.0.1", {"X-Forwarded-Proto": "https, http"}).is_secure()


def test_it_stands_before_all_others(settings: Settings) -> None:
    assert settings.MIDDLEWARE[0] == "core.middleware.TrustedProxies"
