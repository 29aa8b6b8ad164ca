"""The industries an account names for its template messages, and messages the platform took away."""

from collections.abc import Mapping
from dataclasses import dataclass

from wechat_sandbox.accounts import AccountKind
from wechat_sandbox.clock import china_day
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.endpoints.templates import BLOCKED_SHELF
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

_SERVICE = frozenset({AccountKind.SERVICE})
# The platform's list of industries; codes count the second class from 1.
_CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("IT科技", ("互联网/电子商务", "IT软件与服务", "IT硬件与设备", "电子技术", "通信与运营商", "网络游戏")),
    ("金融业", ("银行", "基金理财信托", "保险")),
    ("餐饮", ("餐饮",)),
    ("酒店旅游", ("酒店", "旅游")),
    ("运输与仓储", ("快递", "物流", "仓储")),
    ("教育", ("培训", "院校")),
    ("政府与公共事业", ("学术科研", "交警", "博物馆", "公共事业非盈利机构")),
    ("医药护理", ("医药医疗", "护理美容", "保健与卫生")),
    ("交通工具", ("汽车相关", "摩托车相关", "火车相关", "飞机相关")),
    ("房地产", ("建筑", "物业")),
    ("消费品", ("消费品",)),
    ("商业服务", ("法律", "会展", "中介服务", "认证", "审计")),
    ("文体娱乐", ("传媒", "体育", "娱乐休闲")),
    ("印刷", ("印刷",)),
    ("其它", ("其它",)),
)
_PAIRS = [(first, second) for first, seconds in _CLASSES for second in seconds]
INDUSTRIES = {str(code): pair for code, pair in enumerate(_PAIRS, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The two industries of an account; ``month`` is when they were chosen."""

    primary: str = "31"
    secondary: str = "1"
    month: str = ""


@REGISTRY.post("/cgi-bin/template/api_set_industry", kinds=_SERVICE, certified_only=True)
def set_industry(call: Call) -> Mapping[str, object]:
    """Choose two industries; once a month (43100)."""
    ids = [str(call.body.get(name, "")) for name in ("industry_id1", "industry_id2")]
    if not all(one in INDUSTRIES for one in ids):
        raise PlatformError(40102)
    month = china_day(call.at)[:7]
    if _choice(call).month == month:
        raise PlatformError(43100)
    choice = Choice(primary=ids[0], secondary=ids[1], month=month)
    Shelf(call.world.store, "industry", Choice).put(call.account.appid, "both", choice)
    return OK


@REGISTRY.get("/cgi-bin/template/get_industry", kinds=_SERVICE, certified_only=True)
def get_industry(call: Call) -> Mapping[str, object]:
    choice = _choice(call)
    return {"primary_industry": _classes(choice.primary), "secondary_industry": _classes(choice.secondary)}


@REGISTRY.post("/wxa/sec/queryblocktmplmsg", kinds=_SERVICE)
def blocked_messages(call: Call) -> Mapping[str, object]:
    """Return template messages that were held back, from an id downwards."""
    most, largest = call.number("limit", 100), call.number("largest_id", 0)
    if not 1 <= most <= 100:
        raise PlatformError(40097)
    wanted = call.text("tmpl_msg_id")
    shelf = Shelf(call.world.store, BLOCKED_SHELF, dict)
    rows = [row for _, row in reversed(shelf.items(call.account.appid))]
    found = [
        row for row in rows if row["tmpl_msg_id"] == wanted and (not largest or int(row["id"]) < largest)
    ]
    return OK | {"msginfo": found[:most]}


def _choice(call: Call) -> Choice:
    return Shelf(call.world.store, "industry", Choice).find(call.account.appid, "both") or Choice()


def _classes(industry: str) -> dict[str, str]:
    first, second = INDUSTRIES[industry]
    return {"first_class": first, "second_class": second}
