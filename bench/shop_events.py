"""A shop's ordinary events, each a pure function of its number, so that an oracle can count them again."""

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bench.http_load import post

PEOPLE = 20_000
_PAGES = ("/", "/tea/longjing", "/tea/puer", "/snacks/osmanthus-cake", "/member", "/cart")
_TEAS = ("龙井", "普洱", "铁观音", "桂花糕", "绿豆糕", "茉莉花茶")
_CAMPAIGNS = ("spring-tea", "mid-autumn", "member-day", "")


def event(number: int, at: datetime) -> dict[str, Any]:
    """Return event ``number`` as an SDK sends it: 60 % page views, 3 % orders, 1 % identify calls."""
    dice = random.Random(number)
    person = dice.randrange(PEOPLE)
    made: dict[str, Any] = {
        "messageId": f"ajs-next-{number:08x}-5b1c-4d2e-9f00-{person:012x}",
        "anonymousId": f"a{person:07x}-77aa-4c11-8e2d-0f6a5c3b1d2e",
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "context": {
            "channel": "h5",
            "campaign": {"name": _CAMPAIGNS[person % 4], "source": "wechat"},
            "page": {"url": "https://shop.example.com/", "title": "青山茶食"},
            "library": {"name": "analytics.js", "version": "next-1.70.0"},
            "locale": "zh-CN",
        },
    }
    if person % 10 < 7:
        made["userId"] = f"member-{person:06d}"
    made.update(_what_happened(dice))
    return made


def _what_happened(dice: random.Random) -> dict[str, Any]:
    kind = dice.random()
    product = dice.randrange(500)
    if kind < 0.60:
        properties = {
            "path": _PAGES[product % 6],
            "url": f"https://shop.example.com{_PAGES[product % 6]}?from=menu",
            "referrer": "https://mp.weixin.qq.com/",
            "title": f"青山茶食 · {_TEAS[product % 6]}",
            "dwell_ms": dice.randrange(60_000),
        }
        return {"type": "page", "name": "Shop", "properties": properties}
    if kind < 0.96:
        properties = {
            "product_id": f"p{product:04d}",
            "sku": f"SKU-{product:04d}",
            "category": "tea",
            "name": _TEAS[product % 6],
            "price": round(9.9 + product / 10, 2),
            "currency": "CNY",
            "dwell_ms": dice.randrange(60_000),
        }
        name = "Product Viewed" if kind < 0.87 else "Product Added"
        return {"type": "track", "event": name, "properties": properties}
    if kind < 0.99:
        return {"type": "track", "event": "Order Completed", "properties": _order(dice)}
    return {
        "type": "identify",
        "traits": {"city": "杭州", "level": dice.randrange(5), "tea": _TEAS[product % 6]},
    }


def _order(dice: random.Random) -> dict[str, Any]:
    products: list[dict[str, Any]] = [
        {
            "product_id": f"p{one:04d}",
            "name": _TEAS[one % 6],
            "price": round(9.9 + one / 10, 2),
            "quantity": 1 + one % 3,
        }
        for one in (dice.randrange(500) for _ in range(2))
    ]
    total = sum(Decimal(repr(one["price"])) * int(one["quantity"]) for one in products)
    return {
        "order_id": f"O{dice.randrange(10**12):012d}",
        "revenue": float(total),
        "currency": "CNY",
        "products": products,
    }


def batch_requests(first: int, count: int, per_request: int, write_key: str) -> list[bytes]:
    """Return events ``first`` … as requests of ``POST /v1/batch``."""
    began = datetime.now(UTC)
    return [
        post(
            "/v1/batch",
            _json({"batch": [event(number, _at(began, number - first)) for number in numbers]}),
            write_key=write_key,
        )
        for numbers in (
            range(start, min(start + per_request, first + count))
            for start in range(first, first + count, per_request)
        )
    ]


def single_requests(first: int, count: int, write_key: str) -> list[bytes]:
    """Return events ``first`` … as one request each, at the address of its kind."""
    began = datetime.now(UTC)
    requests = []
    for number in range(first, first + count):
        made = event(number, _at(began, number - first))
        requests.append(post(f"/v1/{made.pop('type')}", _json(made), write_key=write_key))
    return requests


def _at(began: datetime, place: int) -> datetime:
    return began + timedelta(microseconds=30 * place)


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
