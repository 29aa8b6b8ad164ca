"""Drafts written short, so that a corpus can be read beside its sentences."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.flows.drafting.modifiers import Today
from quanyu.flows.drafting.vocabulary import Catalogue, Seen, Vocabulary
from quanyu.kernel.ids import encode_id

TODAY = Today(date(2026, 3, 4), ZoneInfo("Asia/Shanghai"))
ACCOUNT = encode_id("oac", 5)
_TAGS = {"VIP": encode_id("ptg", 1), "高价值": encode_id("ptg", 2), "爱喝茶": encode_id("ptg", 3)}
_SEGMENTS = {"沉睡唤醒": encode_id("seg", 7), "Sleepers": encode_id("seg", 8)}
WORDS = Vocabulary(
    Catalogue(
        events=(
            Seen("Order Completed", parts=("order_id",)),
            Seen("Product Viewed", parts=("name", "price")),
            Seen("Quiz Done", name="完成问卷", parts=("score",)),
            Seen("Checked In", name="签到"),
        ),
        attributes=(
            Seen("city", parts=("杭州", "上海", "北京", "Hangzhou")),
            Seen("gender", parts=("男", "女")),
            Seen("age", type="number"),
            Seen("birthday", parts=("1990-05-12",)),
            Seen("level", name="会员等级", parts=("金卡", "银卡", "gold")),
            Seen("points", type="number"),
            Seen("lifecycle_stage", parts=("new",)),
            Seen("has_phone", type="boolean"),
            Seen("has_email", type="boolean"),
            Seen("rfm_class"),
            Seen("churn_probability", type="number"),
            Seen("computed.fav", name="最爱口味", parts=("抹茶",)),
        ),
        tags=_TAGS,
        segments=_SEGMENTS,
    )
)
_NAME_OF = {one: name for name, one in (*_TAGS.items(), *_SEGMENTS.items())}
_OPS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "eq": "=", "ne": "!="}
_UNITS = {"days": "d", "hours": "h", "minutes": "min", "weeks": "w"}
_EVENTS = {
    "Order Completed": "order",
    "Product Viewed": "view",
    "Product Added": "add",
    "Order Refunded": "refund",
    "wechat.official_account.followed": "follow",
    "wechat.official_account.unfollowed": "unfollow",
}


def shown(node: dict[str, Any], *, is_top: bool = False) -> str:
    """Return a segment's condition in a few letters."""
    match node["kind"]:
        case "all" | "any":
            inner = (" & " if node["kind"] == "all" else " / ").join(shown(part) for part in node["of"])
            return inner if is_top or len(node["of"]) == 1 else f"({inner})"
        case "not":
            return f"not({shown(node['of'])})"
        case "event":
            count = _number(node["count"]) if "count" in node else ""
            return f"{_event(node['name'])}{_where(node)}{count}{_window(node.get('window'))}"
        case "aggregate":
            of = f"{node['function']}({_event(node['name'])})"
            return f"{of}{_number(node['test'])}{_window(node.get('window'))}"
        case "recency":
            return _recency(node)
        case "attribute":
            return f"{node['key']} {_compared(node)}"
        case "tag":
            return f"tag {node['op']} {','.join(_NAME_OF[tag] for tag in node['tags'])}"
        case "segment":
            return f"in {_NAME_OF[node['segment']]}"
        case "relation":
            return f"{'no ' if node['op'] == 'none' else ''}{node['to']}{_window(node.get('since'))}"
        case "date":
            when = node["when"]
            return f"{node['key']} {when.get('calendar', '')}{when['from']}..{when['to']}"
        case "bucket":
            return f"share {node['from']}..{node['to']}"
        case "sequence":
            within = node.get("within")
            limit = f" within {within['amount']}{_UNITS[within['unit']]}" if within else ""
            steps = " then ".join(_event(step["name"]) for step in node["steps"])
            return f"{steps}{limit}{_window(node.get('window'))}"
    return str(node)


def _recency(node: dict[str, Any]) -> str:
    when, said = node.get("when"), ""
    if when and when["kind"] == "ago":
        said = f" {when['op']} {when['amount']}{_UNITS[when['unit']]}"
    elif when:
        said = f" {when['op']} {when['instant'][:10]}"
    having = "".join(f"{{{one['field']} {_compared(one)}}}" for one in node.get("having", ()))
    return f"{node['which']} {_event(node['name'])}{_where(node)}{said}{having}{_window(node.get('window'))}"


def _event(name: str | list[str]) -> str:
    return "|".join(_EVENTS.get(one, one) for one in ([name] if isinstance(name, str) else name))


def _where(node: dict[str, Any]) -> str:
    return "".join(f"[{one['field']} {_compared(one)}]" for one in node.get("where", ()))


def _compared(node: dict[str, Any]) -> str:
    return f"{node['op']} {node['value']}" if node.get("value") is not None else str(node["op"])


def _number(test: dict[str, Any]) -> str:
    if test["op"] == "between":
        return f" {test['value'][0]}..{test['value'][1]}"
    return f"{_OPS[test['op']]}{test['value']}"


def _window(window: dict[str, Any] | None) -> str:
    if window is None:
        return ""
    if window["kind"] == "rolling":
        return f"@{window['amount']}{_UNITS[window['unit']]}"
    if window["kind"] == "calendar":
        return f"@{window['period']}"
    return f"@{window.get('from', '')[:10]}..{window.get('to', '')[:10]}"


def flow(definition: dict[str, Any]) -> str:
    """Return a journey in one line."""
    entry = definition["entry"]
    if entry["kind"] == "event":
        begins = _event(entry["event"])
    else:
        begins = f"in {_NAME_OF[entry['segment_id']]}{'*' if entry.get('existing') else ''}"
    line = f"{begins}{' each' if entry.get('reentry') else ''}: {_path(definition, definition['start'])}"
    for rule in definition.get("exits", ()):
        line += f" | exit {_event(rule['event'])}"
    goal = definition.get("goal")
    return line if goal is None else f"{line} | goal {_event(goal['event'])} {_long(goal['within_s'])}"


def _path(definition: dict[str, Any], place: str) -> str:
    node = definition["nodes"][place]

    def on(way: str) -> str:
        return _path(definition, node[way])

    match node["kind"]:
        case "wait":
            return f"wait {_long(node['seconds'])} > {on('next')}"
        case "send":
            said = "" if _is_usual(node["content"]["text"]) else repr(node["content"]["text"])
            return f"send {node['label']}{said} > {on('next')}"
        case "wait_event":
            return (
                f"await {_event(node['event'])} {_long(node['timeout_s'])} "
                f"[did: {on('matched')}; not: {on('timeout')}]"
            )
        case "condition":
            return f"if {shown(node['test'], is_top=True)} [yes: {on('yes')}; no: {on('no')}]"
    return "end"


def _is_usual(text: str) -> bool:
    usual = ("菜单", "回复这里", "有空来看看", "想和您", "menu", "answer here", "Come and see", "to tell")
    return any(part in text for part in usual)


def _long(seconds: int) -> str:
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
