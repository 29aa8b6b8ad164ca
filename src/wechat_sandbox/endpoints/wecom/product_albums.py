"""The product album: goods members send to customers. Source: official page 95096."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from wechat_sandbox.endpoints.wecom.paging import take_page
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.media import ALBUM, CorpMedia
from wechat_sandbox.wire.errors import PlatformError

PRICE_MAX_FEN = 5_000_000
PICTURES_MAX = 9
_SN = re.compile(r"[A-Za-z0-9]{0,128}\Z")


@dataclass(slots=True, kw_only=True)
class Product:
    """One product; ``price`` in fen."""

    product_id: str
    product_sn: str
    description: str
    price: int
    create_time: int
    attachments: list[dict[str, Any]]
    deleted: bool = False


@WECOM.post("/externalcontact/add_product_album", right=Right.CUSTOMERS)
def add(call: CorpCall) -> Answer:
    product = Product(
        product_id=made_id("", call.corp.corpid, call.world.new_id(call.at)),
        product_sn=_sn(call),
        description=_description(call),
        price=call.number("price", missing=41086, high=PRICE_MAX_FEN, invalid=41086),
        create_time=int(call.at),
        attachments=_attachments(call),
    )
    _shelf(call).put(call.corp.corpid, product.product_id, product)
    return {"product_id": product.product_id}


@WECOM.post("/externalcontact/get_product_album", right=Right.CUSTOMERS)
def read(call: CorpCall) -> Answer:
    return {"product": _body(_get(call))}


@WECOM.post("/externalcontact/get_product_album_list", right=Right.CUSTOMERS)
def list_all(call: CorpCall) -> Answer:
    alive = [one for one in _shelf(call).values(call.corp.corpid) if not one.deleted]
    page, cursor = take_page(call, alive, default=50, most=100)
    return {"product_list": [_body(one) for one in page], "next_cursor": cursor}


@WECOM.post("/externalcontact/update_product_album", right=Right.CUSTOMERS)
def update(call: CorpCall) -> Answer:
    product = _get(call)
    if call.body.get("description"):
        product.description = _description(call)
    product.price = call.number("price", product.price, high=PRICE_MAX_FEN, invalid=41086)
    if "product_sn" in call.body:
        product.product_sn = _sn(call)
    if call.body.get("attachments"):
        product.attachments = _attachments(call)
    _shelf(call).put(call.corp.corpid, product.product_id, product)
    return {}


@WECOM.post("/externalcontact/delete_product_album", right=Right.CUSTOMERS)
def delete(call: CorpCall) -> Answer:
    product = _get(call)
    product.deleted = True
    _shelf(call).put(call.corp.corpid, product.product_id, product)
    return {}


def _shelf(call: CorpCall) -> Shelf[Product]:
    return Shelf(call.world.store, "corp_product", Product)


def _get(call: CorpCall) -> Product:
    product = _shelf(call).find(call.corp.corpid, call.text("product_id", missing=41075))
    if product is None:
        raise PlatformError(41075)
    if product.deleted:
        raise PlatformError(41074)
    return product


def _sn(call: CorpCall) -> str:
    number = call.text("product_sn", invalid=41085)
    if not _SN.match(number):
        raise PlatformError(41085)
    return number


def _description(call: CorpCall) -> str:
    return call.text("description", missing=41073, most=300, invalid=41087)


def _attachments(call: CorpCall) -> list[dict[str, Any]]:
    """Read one to nine pictures uploaded for the album."""
    rows = call.items("attachments", most=PICTURES_MAX, missing=41090, invalid=41090)
    kept = []
    for row in rows:
        image = row.get("image") if isinstance(row, dict) and row.get("type") == "image" else None
        if not isinstance(image, dict):
            raise PlatformError(41090)
        media_id = str(image.get("media_id", ""))
        CorpMedia(call.world, call.corp).get(media_id, call.at, "image", attachment_type=ALBUM)
        kept.append({"type": "image", "image": {"media_id": media_id}})
    return kept


def _body(product: Product) -> dict[str, Any]:
    return {name: value for name, value in asdict(product).items() if name != "deleted"}
