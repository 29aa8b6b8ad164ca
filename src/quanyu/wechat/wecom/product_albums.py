"""Product album 商品图册: products members send to customers.

Pictures come from ``media.UPLOAD_ATTACHMENT`` of type 2.
Source: developer.work.weixin.qq.com, 管理商品图册 (path 95096), read 2026.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Done, Part, Request
from quanyu.wechat.wecom.attachments import Media
from quanyu.wechat.wecom.declaring import ask, post


class ProductImage(Part, frozen=True, tag_field="type", tag="image"):
    image: Media


class ShownImage(Part, frozen=True):
    type: str = ""
    image: Media | None = None


class AddRequest(Request, frozen=True, kw_only=True):
    description: str  # At most 300 signs.
    price: int  # Fen, at most 5,000,000.
    attachments: tuple[ProductImage, ...]  # At most 9.
    product_sn: str = ""  # At most 128 letters and digits.


class ProductId(Request, frozen=True):
    product_id: str


class Added(Answer, frozen=True):
    product_id: str


class Product(Part, frozen=True, kw_only=True):
    product_id: str
    description: str = ""
    price: int = 0  # Fen.
    create_time: int = 0  # Unix seconds.
    product_sn: str = ""
    attachments: tuple[ShownImage, ...] = ()


class ProductAnswer(Answer, frozen=True):
    product: Product


class ListRequest(Request, frozen=True):
    limit: int = 0  # At most 100; 50 if 0.
    cursor: str = ""


class Products(Answer, frozen=True):
    product_list: tuple[Product, ...] = ()
    next_cursor: str = ""


class UpdateRequest(Request, frozen=True, kw_only=True):
    """What is ``None`` stays as it is."""

    product_id: str
    description: str | None = None
    price: int | None = None
    product_sn: str | None = None
    attachments: tuple[ProductImage, ...] | None = None


ADD: Final = post("/externalcontact/add_product_album", AddRequest, Added)
GET: Final = ask("/externalcontact/get_product_album", ProductId, ProductAnswer)
LIST: Final = ask("/externalcontact/get_product_album_list", ListRequest, Products)
UPDATE: Final = post("/externalcontact/update_product_album", UpdateRequest, Done, repeatable=True)
DELETE: Final = post("/externalcontact/delete_product_album", ProductId, Done)
