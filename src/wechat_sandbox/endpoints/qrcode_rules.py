"""Rules by which ordinary QR codes open a mini program."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

RULES_MAX = 200
DEBUG_URLS_MAX = 5
PUBLISHED_PER_MONTH = 100
_UNPUBLISHED, _PUBLISHED = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpRule:
    """One rule: addresses that begin with ``prefix`` open ``path``."""

    prefix: str
    path: str
    permit_sub_rule: int = 1
    open_version: int = 1
    debug_url: tuple[str, ...] = ()
    state: int = _UNPUBLISHED


@REGISTRY.post("/cgi-bin/wxopen/qrcodejumpadd", utf8_only=True)
def add_rule(call: Call) -> Mapping[str, object]:
    """Make a rule, or change it with ``is_edit`` 1; a changed rule is unpublished."""
    prefix, path = call.text("prefix"), call.text("path")
    urls = call.body.get("debug_url") or []
    if not prefix.startswith(("http://", "https://")) or not path:
        raise PlatformError(40066)
    if not isinstance(urls, list) or len(urls) > DEBUG_URLS_MAX:
        raise PlatformError(47001)
    known = _rules(call).find(call.account.appid, prefix)
    if bool(call.number("is_edit", 0)) != (known is not None):
        raise PlatformError(40035)
    rule = JumpRule(
        prefix=prefix,
        path=path,
        permit_sub_rule=call.number("permit_sub_rule", 1),
        open_version=call.number("open_version", 1),
        debug_url=tuple(map(str, urls)),
    )
    _rules(call).put(call.account.appid, prefix, rule)
    return OK


@REGISTRY.post("/cgi-bin/wxopen/qrcodejumpget", may_be_empty=True)
def list_rules(call: Call) -> Mapping[str, object]:
    prefixes = call.body.get("prefix_list") or []
    page, size = call.number("page_num", 1), call.number("page_size", RULES_MAX)
    if not isinstance(prefixes, list) or len(prefixes) > RULES_MAX or page < 1 or not 1 <= size <= RULES_MAX:
        raise PlatformError(47001)
    rules = [one for one in _rules(call).values(call.account.appid) if not prefixes or one.prefix in prefixes]
    shown = rules[(page - 1) * size : page * size]
    published = sum(one.state == _PUBLISHED for one in rules)
    return OK | {
        "rule_list": [asdict(one) for one in shown],
        "qrcodejump_open": 1,
        "qrcodejump_pub_quota": PUBLISHED_PER_MONTH - published,
        "list_size": len(rules),
        "total_count": len(rules),
    }


@REGISTRY.post("/cgi-bin/wxopen/qrcodejumppublish")
def publish_rule(call: Call) -> Mapping[str, object]:
    rule = _get(call)
    _rules(call).put(call.account.appid, rule.prefix, replace(rule, state=_PUBLISHED))
    return OK


@REGISTRY.post("/cgi-bin/wxopen/qrcodejumpdelete")
def delete_rule(call: Call) -> Mapping[str, object]:
    _rules(call).drop(call.account.appid, _get(call).prefix)
    return OK


@REGISTRY.post("/cgi-bin/wxopen/qrcodejumpdownload", may_be_empty=True)
def check_file(call: Call) -> Mapping[str, object]:
    """Return the file that proves a domain is one's own."""
    content = hashlib.md5(call.account.appid.encode(), usedforsecurity=False).hexdigest()
    return OK | {"file_name": f"{content[:10]}.txt", "file_content": content}


def _get(call: Call) -> JumpRule:
    rule = _rules(call).find(call.account.appid, call.text("prefix"))
    if rule is None:
        raise PlatformError(40066)
    return rule


def _rules(call: Call) -> Shelf[JumpRule]:
    return Shelf(call.world.store, "jump_rule", JumpRule)
