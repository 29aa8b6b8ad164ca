"""How people decide. Pure functions: a person, their past, an instant and random numbers in; acts out."""

import random
from datetime import datetime, timedelta
from typing import Any

from wechat_sandbox.clock import CHINA, DAY_S
from wechat_sandbox.crowd.acts import (
    Arrival,
    Biography,
    Follow,
    Say,
    Scan,
    Script,
    Session,
    ShowPicture,
    ShowPlace,
    Tap,
    Track,
    Unfollow,
)
from wechat_sandbox.crowd.catalogue import HOST
from wechat_sandbox.crowd.people import PLACES, Person
from wechat_sandbox.crowd.shopping import browse
from wechat_sandbox.relations import FollowScene

_QUESTIONS = (
    "有新品吗？", "请问多久发货", "桂花乌龙还有货吗", "可以开发票吗", "优惠券怎么用", "包装可以送礼吗",
    "茶叶保质期多久", "想退货怎么办", "谢谢", "你们门店在哪里", "会员积分怎么看",
)  # fmt: skip
_QR_SCENES = ("store_jingan", "store_xihu", "store_tianhe", "package_card", "poster_spring", "expo_2026")
_CAMPAIGNS = (
    {"name": "spring_tea", "source": "moments", "medium": "cpc", "content": "image_a"},
    {"name": "spring_tea", "source": "moments", "medium": "cpc", "content": "image_b"},
    {"name": "snack_week", "source": "channels", "medium": "video", "content": "clip_1"},
    {"name": "new_member", "source": "xiaohongshu", "medium": "kol", "content": "note_7"},
)
_MENU_OF_BROWSERS = ("NEW_ARRIVALS", "COUPONS", f"{HOST}/")
_MENU_OF_BUYERS = ("MY_ORDERS", "NEW_ARRIVALS", "COUPONS", f"{HOST}/", "SERVICE")
_OFF_HOURS = 0.25  # Share of visits at any hour at all: somebody is always awake.
_FRESH = Arrival(channel="official_account", scene="menu")


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
        _chat(person, draw, script)
        return Session(_FRESH, tuple(script.steps))
    if chance > 0.96:
        script.add(Scan(draw.choice(_QR_SCENES[:4]), draw.random()), after_s=2)
        arrival = Arrival(channel="official_account", scene="scan")
    else:
        buttons = _MENU_OF_BUYERS if life.orders else _MENU_OF_BROWSERS
        button = draw.choice(buttons)
        script.add(Tap(button, draw.random()), after_s=2)
        if button in ("MY_ORDERS", "SERVICE"):
            return Session(_FRESH, tuple(script.steps))
        arrival = Arrival(
            channel="official_account", scene=f"menu:{button}" if ":" not in button else "menu:SHOP"
        )
    browse(person, life, at, draw, script, eagerness=1.0)
    return Session(arrival, tuple(script.steps))


def plan_invited(
    person: Person,
    life: Biography,
    *,
    following: bool,
    at: float,
    draw: random.Random,
    what: str = "shop",
    product_id: str = "",
) -> Session:
    """Decide the visit of someone a friend has sent a link, a product or the account's card."""
    script = Script()
    arrival = Arrival(channel="h5", scene="friend_share", campaign={"name": "share", "source": "friend"})
    if what == "card" and not following:
        if draw.random() < 0.6:
            script.add(Follow(FollowScene.PROFILE_CARD), after_s=10)
        return Session(arrival, tuple(script.steps))
    browse(person, life, at, draw, script, eagerness=1.2, first=product_id)
    if not following and draw.random() < 0.4:
        script.add(Follow(FollowScene.PROFILE_LINK), after_s=10)
    return Session(arrival, tuple(script.steps))


def plan_refund(order: dict[str, Any]) -> Session:
    """Give one article of an order back."""
    script = Script()
    script.add(Track("track", "Order Refunded", order, f"{HOST}/orders", "我的订单"), after_s=1)
    return Session(Arrival(channel="h5", scene="after_sales"), tuple(script.steps))


def _chat(person: Person, draw: random.Random, script: Script) -> None:
    """Ask something; now and then show what is meant, or where one is."""
    kind = draw.random()
    if kind < 0.08:
        script.add(ShowPicture(), after_s=3)
    elif kind < 0.14:
        latitude, longitude = PLACES[person.city]
        label = f"{person.province} {person.city}"
        script.add(
            ShowPlace(
                round(latitude + draw.uniform(-0.05, 0.05), 6),
                round(longitude + draw.uniform(-0.05, 0.05), 6),
                label,
            ),
            after_s=3,
        )
    else:
        script.add(Say(draw.choice(_QUESTIONS)), after_s=3)


def _plan_stranger(
    person: Person, life: Biography, at: float, draw: random.Random, script: Script
) -> Session:
    chance = draw.random()
    if life.left and chance < 0.85:  # Who has left rarely comes back.
        return Session(Arrival(channel="h5"), ())
    if chance < 0.35:
        qr_scene = draw.choice(_QR_SCENES)
        script.add(Follow(FollowScene.QR_CODE, qr_scene, draw.random()), after_s=2)
        arrival = Arrival(channel="official_account", scene=f"qr:{qr_scene}")
    elif chance < 0.55:
        script.add(Follow(FollowScene.SEARCH), after_s=2)
        arrival = Arrival(channel="official_account", scene="search")
    else:
        campaign = draw.choice(_CAMPAIGNS)
        arrival = Arrival(channel="h5", scene="ad", campaign=campaign, referrer="https://mp.weixin.qq.com/")
    browse(person, life, at, draw, script, eagerness=0.9)
    if chance >= 0.55 and draw.random() < 0.35:
        script.add(Follow(FollowScene.PROFILE_LINK), after_s=15)
    return Session(arrival, tuple(script.steps))
