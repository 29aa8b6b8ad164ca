"""Addresses the platform calls from and is called at."""

from collections.abc import Mapping

from wechat_sandbox.endpoints.registry import REGISTRY, Call


@REGISTRY.get("/cgi-bin/get_api_domain_ip")
def api_domain_ip(call: Call) -> Mapping[str, object]:
    return {"ip_list": ["127.0.0.1"]}


@REGISTRY.get("/cgi-bin/getcallbackip")
def callback_ip(call: Call) -> Mapping[str, object]:
    return {"ip_list": ["127.0.0.1"]}
