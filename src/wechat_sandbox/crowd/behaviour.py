"""How people decide. Pure functions: a person, their past, an instant and random numbers in; acts out."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from wechat_sandbox.clock import CHINA, DAY_S
from wechat_sandbox.crowd.acts import (
    Act,
    Arrival,
    Biography,
    Follow,
    Later,
    Say,
    Scan,
    Step,
    Tap,
    Track,
    Unfollow,
)
from wechat_sandbox.crowd.catalogue import BRAND, BY_CATEGORY, CURRENCY, HOST, PRODUCTS, Product, yuan
from wechat_sandbox.crowd.people import Person
from wechat_sandbox.relations import FollowScene

_QUESTIONS = (
    "有新品吗？", "请问多久发货", "桂花乌龙还有货吗", "可以开发票吗", "优惠券怎么用", "包装可以送礼吗",
    "茶叶保质期多久", "想退货怎么办", "谢谢", "你们门店在哪里", "会员积分怎么看",
)  # fmt: skip
_REPLIES = ("好的", "谢谢", "收到", "什么时候截止？", "有没有更便宜的", "TD")
_QR_SCENES = ("store_jingan", "store_xihu", "store_tianhe", "package_card", "poster_spring", "expo_2026")
_CAMPAIGNS = (
    {"name": "spring_tea", "source": "moments", "medium": "cpc", "content": "image_a"},
    {"name": "spring_tea", "source": "moments", "medium": "cpc", "content": "image_b"},
    {"name": "snack_week", "source": "channels", "medium": "video", "content": "clip_1"},
    {"name": "new_member", "source": "xiaohongshu", "medium": "kol", "content": "note_7"},
)
_MENU_OF_BROWSERS = ("NEW_ARRIVALS", "COUPONS", f"{HOST}/")
_MENU_OF_BUYERS = ("MY_ORDERS", "NEW_ARRIVALS", "COUPONS", f"{HOST}/", "SERVICE")
_COUPON = "SPRING10"
_COUPON_FEN, _COUPON_FROM_FEN = 1000, 8800
_SHIPPING_FEN, _FREE_SHIPPING_FEN = 800, 5900
_OFF_HOURS = 0.25  # Share of visits at any hour at all: somebody is always awake.
_FRESH = Arrival(channel="official_account", scene="menu")


@dataclass(slots=True)
class Script:
    """Acts of one session in the making."""

    steps: list[Step] = field(default_factory=list)
    at_s: float = 0.0

    def add(self, act: Act, *, after_s: float) -> None:
        self.at_s += after_s
        self.steps.append(Step(self.at_s, act))


@dataclass(frozen=True, slots=True)
class Session:
    """One stay: where it came from, what happens in it."""

    arrival: Arrival
    steps: tuple[Step, ...]


def next_session_at(person: Person, after: float, draw: random.Random, pace: float) -> float:
    """Return when a person comes next: some days on, at an hour they like."""
    mean_days = 1.0 / (person.sessions_per_day * pace)
    earliest = after + 600.0 / max(1.0, pace)
    if pace * person.sessions_per_day > 6:  # Under load people come too often to keep hours.
        return earliest + draw.expovariate(1.0 / (mean_days * DAY_S))
    day = datetime.fromtimestamp(after + draw.expovariate(1.0 / mean_days) * DAY_S, CHINA).date()
    hours, weights = zip(*person.hours, strict=True)
    hour = draw.randrange(24) if draw.random() < _OFF_HOURS else draw.choices(hours, weights)[0]
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)
    moment += timedelta(seconds=draw.random() * 3600)
    while moment.timestamp() <= earliest:
        moment += timedelta(days=1)
    return round(moment.timestamp(), 3)


def plan_session(
    person: Person, life: Biography, *, following: bool, at: float, draw: random.Random
) -> Session:
    """Decide an ordinary session nobody asked for."""
    script = Script()
    if not following:
        return _plan_stranger(person, life, at, draw, script)
    chance = draw.random()
    if chance < 0.01 + 0.004 * max(0, life.left):
        script.add(Unfollow(), after_s=5)
        return Session(_FRESH, tuple(script.steps))
    if chance < person.chattiness:
        script.add(Say(draw.choice(_QUESTIONS)), after_s=3)
        return Session(_FRESH, tuple(script.steps))
    if chance > 0.96:
        script.add(Scan(draw.choice(_QR_SCENES[:4])), after_s=2)
        arrival = Arrival(channel="official_account", scene="scan")
    else:
        buttons = _MENU_OF_BUYERS if life.orders else _MENU_OF_BROWSERS
        button = draw.choice(buttons)
        script.add(Tap(button), after_s=2)
        if button in ("MY_ORDERS", "SERVICE"):
            return Session(_FRESH, tuple(script.steps))
        arrival = Arrival(
            channel="official_account", scene=f"menu:{button}" if ":" not in button else "menu:SHOP"
        )
    _browse(person, life, at, draw, script, eagerness=1.0)
    return Session(arrival, tuple(script.steps))


def plan_reaction(
    person: Person,
    life: Biography,
    *,
    kind: str,
    url: str,
    tired: int,
    at: float,
    draw: random.Random,
) -> tuple[float, Session] | None:
    """Decide what a received message leads to: nothing, leaving, an answer or a visit.

    ``tired`` is how many messages of the week were too many. Returns the delay in seconds and the
    session, or None.
    """
    chance = draw.random()
    script = Script()
    arrival = Arrival(
        channel="official_account",
        scene="message",
        campaign=_campaign_of(url) or {"name": "message", "source": "official_account", "medium": kind},
        url=url,
    )
    if chance < min(0.5, 0.004 + 0.06 * tired):
        script.add(Unfollow(), after_s=1)
        return 20 + draw.random() * 300, Session(arrival, tuple(script.steps))
    if chance < 0.08 + person.chattiness:
        script.add(Say(draw.choice(_REPLIES)), after_s=1)
        return 15 + draw.random() * 600, Session(arrival, tuple(script.steps))
    if chance < 0.45 / (1 + tired):
        _browse(person, life, at, draw, script, eagerness=2.2)
        return 30 + draw.expovariate(1 / 1500), Session(arrival, tuple(script.steps))
    return None


def plan_invited(
    person: Person, life: Biography, *, following: bool, at: float, draw: random.Random
) -> Session:
    """Decide the visit of someone a friend has sent a link."""
    script = Script()
    arrival = Arrival(channel="h5", scene="friend_share", campaign={"name": "share", "source": "friend"})
    _browse(person, life, at, draw, script, eagerness=1.2)
    if not following and draw.random() < 0.4:
        script.add(Follow(FollowScene.PROFILE_LINK), after_s=10)
    return Session(arrival, tuple(script.steps))


def plan_refund(order: dict[str, Any]) -> Session:
    """Give one article of an order back."""
    script = Script()
    script.add(Track("track", "Order Refunded", order, f"{HOST}/orders", "我的订单"), after_s=1)
    return Session(Arrival(channel="h5", scene="after_sales"), tuple(script.steps))


def _plan_stranger(
    person: Person, life: Biography, at: float, draw: random.Random, script: Script
) -> Session:
    chance = draw.random()
    if life.left and chance < 0.85:  # Who has left rarely comes back.
        return Session(Arrival(channel="h5"), ())
    if chance < 0.35:
        qr_scene = draw.choice(_QR_SCENES)
        script.add(Follow(FollowScene.QR_CODE, qr_scene), after_s=2)
        arrival = Arrival(channel="official_account", scene=f"qr:{qr_scene}")
    elif chance < 0.55:
        script.add(Follow(FollowScene.SEARCH), after_s=2)
        arrival = Arrival(channel="official_account", scene="search")
    else:
        campaign = draw.choice(_CAMPAIGNS)
        arrival = Arrival(channel="h5", scene="ad", campaign=campaign, referrer="https://mp.weixin.qq.com/")
    _browse(person, life, at, draw, script, eagerness=0.9)
    if chance >= 0.55 and draw.random() < 0.35:
        script.add(Follow(FollowScene.PROFILE_LINK), after_s=15)
    return Session(arrival, tuple(script.steps))


def _browse(
    person: Person, life: Biography, at: float, draw: random.Random, script: Script, *, eagerness: float
) -> None:
    """Look at products; perhaps fill a basket, check out and pay."""
    script.add(Track("page", "", {"name": "商城首页"}, f"{HOST}/", "青山茶食"), after_s=4)
    seen = [_pick_product(person, draw) for _ in range(draw.choice((1, 1, 2, 2, 3, 4)))]
    for product in dict.fromkeys(seen):
        script.add(_product_act("Product Viewed", product, 1), after_s=8 + draw.random() * 50)
    if draw.random() > min(0.95, person.buying * 2.2 * eagerness):
        return
    basket = {product: draw.choice((1, 1, 1, 2, 3)) for product in dict.fromkeys(seen[:3])}
    for product, quantity in basket.items():
        script.add(_product_act("Product Added", product, quantity), after_s=4 + draw.random() * 20)
    if draw.random() > 0.75:
        return  # Left in the basket.
    order = _order(person, life, basket, at + script.at_s, draw)
    checkout = order | {"step": 1}
    script.add(Track("track", "Checkout Started", checkout, f"{HOST}/checkout", "确认订单"), after_s=15)
    if draw.random() > 0.8:
        return
    if not life.member and draw.random() < 0.7:
        script.add(Track("identify", "", {}, f"{HOST}/member", "会员注册", traits_of(person)), after_s=25)
    script.add(
        Track("track", "Order Completed", order, f"{HOST}/orders/{order['order_id']}", "支付成功"), after_s=20
    )
    _plan_aftermath(person, order, draw, script)


def _plan_aftermath(person: Person, order: dict[str, Any], draw: random.Random, script: Script) -> None:
    if draw.random() < 0.04:
        delay_s = (1 + draw.random() * 4) * DAY_S
        script.add(Later("refund", person.index, delay_s, _refund(order, draw)), after_s=1)
    if person.friends and draw.random() < 0.15:
        friend = draw.choice(person.friends)
        script.add(
            Later("invited", friend, 300 + draw.expovariate(1 / 7200), {"by": person.index}), after_s=1
        )


def traits_of(person: Person) -> dict[str, Any]:
    """Return what a person tells when they register."""
    traits: dict[str, Any] = {
        "nickname": person.nickname,
        "gender": person.gender,
        "city": person.city,
        "province": person.province,
        "birthday": person.birthday,
        "favouriteCategory": max(person.interests, key=lambda entry: entry[1])[0],
    }
    return traits | {"phone": f"+86{person.phone}"} if person.phone else traits


def _pick_product(person: Person, draw: random.Random) -> Product:
    names = [name for name, _ in person.interests]
    if draw.random() < 0.2:
        return draw.choice(PRODUCTS)
    category = draw.choices(names, [weight for _, weight in person.interests])[0]
    affordable = [item for item in BY_CATEGORY[category] if item.price_fen <= person.price_ceiling_fen]
    return draw.choice(affordable or BY_CATEGORY[category])


def _product_act(event: str, product: Product, quantity: int) -> Track:
    properties = product.as_item(quantity) | {"currency": CURRENCY, "url": product.url}
    return Track("track", event, properties, product.url, product.name)


def _order(
    person: Person, life: Biography, basket: dict[Product, int], at: float, draw: random.Random
) -> dict[str, Any]:
    goods_fen = sum(product.price_fen * quantity for product, quantity in basket.items())
    with_coupon = goods_fen >= _COUPON_FROM_FEN and draw.random() < 0.35
    discount_fen = _COUPON_FEN if with_coupon else 0
    shipping_fen = 0 if goods_fen >= _FREE_SHIPPING_FEN else _SHIPPING_FEN
    day = datetime.fromtimestamp(at, CHINA).strftime("%Y%m%d")
    digest = hashlib.sha256(f"{person.anonymous_id}:{at}:{life.orders}".encode()).hexdigest()
    order: dict[str, Any] = {
        "order_id": f"T{day}{int(digest[:10], 16) % 10**9:09d}",
        "affiliation": BRAND,
        "currency": CURRENCY,
        "revenue": yuan(goods_fen - discount_fen),
        "shipping": yuan(shipping_fen),
        "discount": yuan(discount_fen),
        "total": yuan(goods_fen - discount_fen + shipping_fen),
        "products": [product.as_item(quantity) for product, quantity in basket.items()],
    }
    return order | {"coupon": _COUPON} if with_coupon else order


def _refund(order: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    line = dict(draw.choice(order["products"]))
    back_fen = min(
        round(line["price"] * 100) * line["quantity"],
        round(order["revenue"] * 100),
    )
    return {
        "order_id": order["order_id"],
        "currency": CURRENCY,
        "revenue": yuan(back_fen),
        "total": yuan(back_fen),
        "products": [line],
    }


def _campaign_of(url: str) -> dict[str, str]:
    """Return the campaign a link names by its utm parameters."""
    query = dict(parse_qsl(urlsplit(url).query))
    return {
        name: query[f"utm_{parameter}"]
        for name, parameter in (
            ("name", "campaign"), ("source", "source"), ("medium", "medium"), ("content", "content"),
        )
        if f"utm_{parameter}" in query
    }  # fmt: skip
