"""What people do in the shop: look, pass on, fill a basket, pay, give back. Pure functions."""

import hashlib
import random
from datetime import datetime
from typing import Any

from wechat_sandbox.clock import CHINA, DAY_S
from wechat_sandbox.crowd.acts import AnswerRequest, Biography, Later, Script, Track
from wechat_sandbox.crowd.catalogue import BRAND, BY_CATEGORY, BY_ID, CURRENCY, HOST, PRODUCTS, Product, yuan
from wechat_sandbox.crowd.people import Person

_COUPON = "SPRING10"
_COUPON_FEN, _COUPON_FROM_FEN = 1000, 8800
_SHIPPING_FEN, _FREE_SHIPPING_FEN = 800, 5900


def browse(
    person: Person,
    life: Biography,
    at: float,
    draw: random.Random,
    script: Script,
    *,
    eagerness: float,
    first: str = "",
) -> None:
    """Look at products; perhaps pass one on, fill a basket, check out and pay.

    ``first`` is the product they came for, if any.
    """
    script.add(Track("page", "", {"name": "商城首页"}, f"{HOST}/", "青山茶食"), after_s=4)
    seen = [_pick_product(person, draw) for _ in range(draw.choice((1, 1, 2, 2, 3, 4)))]
    if first in BY_ID:
        seen.insert(0, BY_ID[first])
    for product in dict.fromkeys(seen):
        script.add(_product_act("Product Viewed", product, 1), after_s=8 + draw.random() * 50)
        if person.friends and draw.random() < person.sharing:
            _pass_on(person, product, draw, script)
    if draw.random() > min(0.95, person.buying * 2.2 * eagerness * _price_appeal(person, seen)):
        return
    basket = {product: draw.choice((1, 1, 1, 2, 3)) for product in dict.fromkeys(seen[:3])}
    for product, quantity in basket.items():
        script.add(_product_act("Product Added", product, quantity), after_s=4 + draw.random() * 20)
    if draw.random() > 0.75:
        return  # Left in the basket.
    _check_out(person, life, _order(person, life, basket, at + script.at_s, draw), draw, script)


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


def _check_out(
    person: Person, life: Biography, order: dict[str, Any], draw: random.Random, script: Script
) -> None:
    checkout = order | {"step": 1}
    script.add(Track("track", "Checkout Started", checkout, f"{HOST}/checkout", "确认订单"), after_s=15)
    if draw.random() > 0.8:
        return
    if not life.member and draw.random() < 0.7:
        script.add(Track("identify", "", {}, f"{HOST}/member", "会员注册", traits_of(person)), after_s=25)
    script.add(
        Track("track", "Order Completed", order, f"{HOST}/orders/{order['order_id']}", "支付成功"), after_s=20
    )
    if draw.random() < 0.6:  # The shop asks whether it may tell when the parcel leaves.
        chances = (draw.random(), draw.random(), draw.random())
        script.add(AnswerRequest(person.openness, chances), after_s=3)
    _plan_aftermath(person, order, draw, script)


def _plan_aftermath(person: Person, order: dict[str, Any], draw: random.Random, script: Script) -> None:
    if draw.random() < 0.04:
        delay_s = (1 + draw.random() * 4) * DAY_S
        script.add(Later("refund", person.index, delay_s, _refund(order, draw)), after_s=1)
    if person.friends and draw.random() < 0.15:
        what = "card" if draw.random() < 0.5 else "shop"
        script.add(_invitation(person, draw, {"what": what}), after_s=1)


def _pass_on(person: Person, product: Product, draw: random.Random, script: Script) -> None:
    """Send a product to a friend."""
    shared = product.as_item(1) | {"share_via": "wechat", "url": product.url}
    script.add(Track("track", "Product Shared", shared, product.url, product.name), after_s=6)
    script.add(_invitation(person, draw, {"what": "product", "product_id": product.product_id}), after_s=1)


def _invitation(person: Person, draw: random.Random, body: dict[str, Any]) -> Later:
    friend, delay_s = draw.choice(person.friends), 300 + draw.expovariate(1 / 7200)
    return Later("invited", friend, delay_s, {"by": person.index} | body)


def _price_appeal(person: Person, seen: list[Product]) -> float:
    """Return how prices move the wish to buy: around 1, far below it for the thrifty among dear things."""
    dearness = sum(product.price_fen for product in seen) / len(seen) / person.price_ceiling_fen
    return min(1.3, max(0.3, 1.45 - person.thrift * dearness))


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
    with_coupon = goods_fen >= _COUPON_FROM_FEN and draw.random() < 0.1 + 0.5 * person.thrift
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
