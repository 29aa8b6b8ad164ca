"""The texts that are signed, and the Authorization header. Source: 签名与验签规则 (2026-04)."""

import re
from dataclasses import dataclass
from typing import Any

SCHEME = "WECHATPAY2-SHA256-RSA2048"
_PAIR = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*(?:,|$)')
_NAMES = frozenset({"mchid", "nonce_str", "signature", "timestamp", "serial_no"})
_BODY_SHOWN = 9  # Bytes of the body that a refusal repeats.


class Malformed(ValueError):
    """An Authorization value that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The five values of the header."""

    scheme: str
    mchid: str
    nonce_str: str
    signature: str
    timestamp: str
    serial_no: str


def read_authorization(header: str) -> Authorization:
    """Read the header; the pairs may come in any order.

    Raises:
        Malformed: a pair is missing, twice there or not quoted.
    """
    scheme, _, rest = header.strip().partition(" ")
    values: dict[str, str] = {}
    at = 0
    while at < len(rest):
        found = _PAIR.match(rest, at)
        if found is None or found[1] in values:
            raise Malformed(header)
        values[found[1]] = found[2]
        at = found.end()
    if set(values) != _NAMES or not values["timestamp"].isdecimal():
        raise Malformed(header)
    return Authorization(scheme=scheme, **values)


def request_message(method: str, url: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return the five lines of a request, each with its line feed."""
    return f"{method}\n{url}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return the three lines of an answer or a callback."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def client_message(appid: str, timestamp: str, nonce: str, package: str) -> bytes:
    """Return the four lines with which a client is invoked to pay."""
    return f"{appid}\n{timestamp}\n{nonce}\n{package}\n".encode()


def mismatch_detail(method: str, url: str, message: bytes, body: bytes) -> dict[str, Any]:
    """Return the diagnostics of a signature that does not match."""
    head = message[: len(message) - len(body) - 1]
    shown = head + body[:_BODY_SHOWN] + b"\n"
    return {
        "detail": {"issue": "sign not match"},
        "field": "signature",
        "location": "authorization",
        "sign_information": {
            "method": method,
            "sign_message_length": len(message),
            "truncated_sign_message": shown.decode(errors="replace"),
            "url": url,
        },
    }
