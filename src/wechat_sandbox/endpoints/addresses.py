"""Addresses the platform calls from and is called at, and whether it reaches an account's own."""

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.wire.errors import PlatformError

_OPERATORS = ("CHINANET", "UNICOM", "CAP", "DEFAULT")


@REGISTRY.get("/cgi-bin/get_api_domain_ip")
def api_domain_ip(call: Call) -> Mapping[str, object]:
    return {"ip_list": ["127.0.0.1"]}


@REGISTRY.get("/cgi-bin/getcallbackip")
def callback_ip(call: Call) -> Mapping[str, object]:
    return {"ip_list": ["127.0.0.1"]}


@REGISTRY.post("/cgi-bin/callback/check")
def check_callback(call: Call) -> Mapping[str, object]:
    """Look up the callback address (``dns``), and tell how its calls of the last day went (``ping``)."""
    action, operator = call.text("action"), call.text("check_operator") or "DEFAULT"
    if action not in ("dns", "ping", "all"):
        raise PlatformError(40202)
    if operator not in _OPERATORS:
        raise PlatformError(40203)
    host = urlsplit(call.account.callback_url).hostname
    if not host:
        raise PlatformError(40201)
    addresses = _resolve(host)
    answer: dict[str, object] = {}
    if action != "ping":
        answer["dns"] = [{"ip": one, "real_operator": operator} for one in addresses]
    if action != "dns":
        answer["ping"] = [_ping(call, one, operator) for one in addresses]
    return answer


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(one[4][0]) for one in found})


def _ping(call: Call, address: str, operator: str) -> dict[str, str]:
    facts = list(
        call.world.facts.between(call.account.appid, (FactKind.CALLBACK,), call.at - DAY_S, call.at + 1)
    )
    lost = sum(fact.source for fact in facts)
    mean_ms = sum(fact.amount for fact in facts) / len(facts) if facts else 0.0
    share = 100 * lost // len(facts) if facts else 0
    return {
        "ip": address,
        "from_operator": operator,
        "package_loss": f"{share}%",
        "time": f"{mean_ms:.3f}ms",
    }
