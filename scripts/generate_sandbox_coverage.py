"""Write ``docs/reference/sandbox-coverage.md`` from what the conformance tests recorded.

Every endpoint the sandbox serves is a row. A cell names the methods by which a client reached it in a test
that passed; the tests hold the record to what they see, so that the page cannot claim more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from wechat_sandbox.endpoints import REGISTRY
from wechat_sandbox.endpoints.pay.registry import PAY
from wechat_sandbox.endpoints.wecom.registry import WECOM

_ROOT: Final = Path(__file__).parents[1]
PAGE: Final = _ROOT / "docs" / "reference" / "sandbox-coverage.md"
_RECORDED: Final = _ROOT / "tests" / "contract" / "conformance" / "recorded"
CLIENTS: Final = {
    "quanyu": "our client",
    "wechatpy": "wechatpy",
    "WeRoBot": "WeRoBot",
    "co-wechat-api": "co-wechat-api",
}
PAY_CLIENTS: Final = {
    "quanyu-pay": "our client",
    "wechatpayv3": "wechatpayv3",
    "wechatpay-axios-plugin": "wechatpay-axios-plugin",
}
_INTRODUCTION: Final = """\
# Sandbox coverage 沙箱覆盖

<!-- Made by scripts/generate_sandbox_coverage.py from tests/contract/conformance/recorded. -->

Which endpoints of the [sandbox](sandbox.md) were reached by programs that nobody here wrote, and by our own
client. wechatpy 1.8.18, WeRoBot 1.13.1 and co-wechat-api 3.11.0 run unmodified, under the platform's own
addresses, by `wechat-sandbox exec`. Each method they offer for official accounts and mini programs is called,
and its answer and effect are held to what is documented. A cell names the methods of the tests that passed;
— means that the client does not offer the call. wechatpy 2.0.0a26 is called for everything it offers of
企业微信 but the tools of an office: calendars, mail, attendance, approvals, broadcasts, exports, invoices.
Of our own client, every declared call of 企业微信 and 微信支付 is made and its answer understood; what the
calls do is held to the documents by tests of their own.

沙箱的每个接口被哪些客户端的哪些方法真实调用并通过测试；「—」表示该客户端没有这个方法。
"""
# Title, and what the paths of the section begin with.
_GROUPS: Final = (
    (
        "Credentials and quotas 凭据与限额",
        "/cgi-bin/token /cgi-bin/stable_token /cgi-bin/clear_quota /cgi-bin/openapi/ "
        "/cgi-bin/get_api_domain_ip /cgi-bin/getcallbackip /cgi-bin/callback/ /cgi-bin/ticket/ "
        "/cgi-bin/open/",
    ),
    ("Web authorization and login 网页授权与登录", "/sns/ /connect/"),
    (
        "Followers, tags and groups 用户、标签与分组",
        "/cgi-bin/user/ /cgi-bin/tags/ /cgi-bin/groups/ /cgi-bin/changeopenid",
    ),
    ("Menus and replies 菜单与自动回复", "/cgi-bin/menu/ /cgi-bin/get_current_"),
    (
        "Codes and links 二维码与短链",
        "/cgi-bin/qrcode/ /cgi-bin/showqrcode /cgi-bin/short /s/ /cgi-bin/wxopen/",
    ),
    ("Messages 消息", "/cgi-bin/message/ /cgi-bin/template/ /wxaapi/newtmpl/ /mp/subscribemsg"),
    ("Customer service 客服", "/cgi-bin/customservice/ /customservice/ /cgi-bin/business/"),
    (
        "Media, drafts, publishing and comments 素材、草稿、发布与留言",
        "/cgi-bin/media/ /cgi-bin/material/ /cgi-bin/draft/ /cgi-bin/freepublish/ /cgi-bin/comment/ "
        "/channels/",
    ),
    ("Statistics 数据统计", "/datacube/ /publisher/"),
    ("Mini programs 小程序", "/wxa/ /wxaapi/ /cgi-bin/wxaapp/"),
)
_PAY_INTRODUCTION: Final = """\
# WeChat Pay 微信支付

wechatpayv3 2.0.4, synchronous with platform certificates and asynchronous with the public key, and
wechatpay-axios-plugin 0.9.6 with both. The plugin has no methods, so its cells name the family of calls.
"""
_PAY_GROUPS: Final = (
    ("Orders, refunds, bills 下单、退款、账单", "/v3/certificates /v3/pay/ /v3/combine /v3/refund /v3/bill"),
    ("Profit sharing and transfers 分账与转账", "/v3/profitsharing /v3/fund-app /v3/transfer"),
    ("Coupons and gifts 券与支付有礼", "/v3/marketing/"),
    ("Complaints, PayScore, guides 投诉、支付分、导购", "/v3/merchant-service /v3/payscore /v3/smartguide"),
)
_OTHERS: Final = "Others 其他"
_COMPANY_CLIENTS: Final = {
    "quanyu-wecom": "our client",
    "wechatpy-enterprise": "wechatpy 1.8.18",
    "wechatpy-work": "wechatpy 2.0.0a26",
}
_COMPANY_GROUPS: Final = (
    ("Customer contact 客户联系", "/cgi-bin/externalcontact/"),
    ("Customer service 微信客服", "/cgi-bin/kf/"),
    (
        "Contacts 通讯录",
        "/cgi-bin/user/ /cgi-bin/department/ /cgi-bin/tag/ /cgi-bin/batch/ /cgi-bin/corp/",
    ),
    (
        "Apps, messages, files 应用、消息、素材",
        "/cgi-bin/agent/ /cgi-bin/menu/ /cgi-bin/message/ /cgi-bin/appchat/ /cgi-bin/media/ /cgi-bin/auth/ "
        "/cgi-bin/get /cgi-bin/ticket/",
    ),
)


def page() -> str:
    """Return the whole page."""
    reached = {client: _by_path(client) for client in CLIENTS}
    sections = (_section(title, paths, reached) for title, paths in _grouped(REGISTRY.paths()))
    return "\n".join([_INTRODUCTION, _counts(reached), *sections, *_companies(), _pay()])


def _companies() -> Iterable[str]:
    """Yield the sections of 企业微信, whose paths are another platform's."""
    reached = {client: _by_path(client) for client in _COMPANY_CLIENTS}
    served = list(WECOM.paths())
    yield "# 企业微信\n"
    yield _counts(reached, served, _COMPANY_CLIENTS)
    for title, paths in _grouped(served, _COMPANY_GROUPS):
        yield _section(title, paths, reached, _COMPANY_CLIENTS)


def _pay() -> str:
    """Return the part of WeChat Pay, whose calls are a verb and a path."""
    reached = {client: _by_path(client) for client in PAY_CLIENTS}
    served = [f"{verb} {path}" for verb, path in PAY.listing()]
    parts = [_PAY_INTRODUCTION, _counts(reached, served, PAY_CLIENTS)]
    for title, begins in _PAY_GROUPS:
        rows = [one for one in served if one.partition(" ")[2].startswith(tuple(begins.split()))]
        parts.append(_section(title, rows, reached, PAY_CLIENTS))
    return "\n".join(parts)


def read_recorded(client: str) -> dict[str, list[str]]:
    """Return the endpoints by method, as the tests of a client recorded them."""
    file = _RECORDED / f"{client}.json"
    recorded: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    return recorded


def _by_path(client: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for method, paths in sorted(read_recorded(client).items()):
        for path in paths:
            found.setdefault(path, []).append(method)
    return found


def _grouped(paths: Iterable[str], known: Sequence[tuple[str, str]] = _GROUPS) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {title: [] for title, _ in known} | {_OTHERS: []}
    for path in paths:
        title = next((title for title, begins in known if path.startswith(tuple(begins.split()))), _OTHERS)
        groups[title].append(path)
    return [(title, listed) for title, listed in groups.items() if listed]


def _counts(
    reached: Mapping[str, Mapping[str, object]],
    paths: Iterable[str] | None = None,
    clients: Mapping[str, str] = CLIENTS,
) -> str:
    served = set(REGISTRY.paths() if paths is None else paths)
    lines = ["| endpoints served | " + " | ".join(clients.values()) + " |", "|---|" + "---|" * len(clients)]
    lines.append(
        f"| {len(served)} | " + " | ".join(str(len(served & set(reached[one]))) for one in clients) + " |"
    )
    return "\n".join(lines) + "\n"


def _section(
    title: str,
    paths: list[str],
    reached: Mapping[str, Mapping[str, list[str]]],
    clients: Mapping[str, str] = CLIENTS,
) -> str:
    lines = [
        f"## {title}\n",
        "| endpoint | " + " | ".join(clients.values()) + " |",
        "|---|" + "---|" * len(clients),
    ]
    for path in paths:
        cells = (", ".join(f"`{one}`" for one in reached[client].get(path, ())) or "—" for client in clients)
        lines.append(f"| `{path}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
