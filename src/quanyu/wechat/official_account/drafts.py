"""Drafts: articles in preparation, alone or up to eight together.

A title takes 32 signs, an author 16, a digest 128, the content 20,000 and 1 MB.
Source: developers.weixin.qq.com, 草稿箱 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Flag, Nothing, Part, Request


class NewsPicture(Part, frozen=True):
    image_media_id: str


class NewsPictures(Part, frozen=True):
    image_list: tuple[NewsPicture, ...]  # At most 20, the first is the cover.


class Crop(Part, frozen=True):
    ratio: Literal["1_1", "16_9", "2.35_1"]
    x1: str  # "0" to "1", of the width.
    y1: str
    x2: str
    y2: str


class Cover(Part, frozen=True):
    crop_percent_list: tuple[Crop, ...]


class FooterProduct(Part, frozen=True):
    product_key: str


class Products(Part, frozen=True):
    footer_product_info: FooterProduct


class Article(Part, frozen=True):
    """An article; with ``article_type`` newspic a set of pictures instead."""

    title: str
    content: str  # HTML; pictures only from ``material.ADD_PICTURE``, scripts are removed.
    article_type: Literal["", "news", "newspic"] = ""  # Left out, it is news.
    thumb_media_id: str = ""  # A permanent picture; news needs one.
    author: str = ""
    digest: str = ""  # Left out, the first 54 signs.
    content_source_url: str = ""
    need_open_comment: Flag = 0
    only_fans_can_comment: Flag = 0
    pic_crop_235_1: str = ""  # X1_Y1_X2_Y2
    pic_crop_1_1: str = ""
    image_info: NewsPictures | None = None
    cover_info: Cover | None = None
    product_info: Products | None = None


class AddRequest(Request, frozen=True):
    articles: tuple[Article, ...]


class DraftItem(Part, frozen=True):
    index: int = 0
    ad_count: int = 0


class Added(Answer, frozen=True):
    media_id: str
    item: tuple[DraftItem, ...] = ()


class UpdateRequest(Request, frozen=True):
    media_id: str
    index: int  # From 0.
    articles: Article  # One, in spite of its name.


class MediaIdRequest(Request, frozen=True):
    media_id: str


class ArticleInfo(Part, frozen=True):
    """An article as the platform gives it back, in drafts, publications and old news."""

    title: str = ""
    article_type: str = ""
    author: str = ""
    digest: str = ""
    content: str = ""
    content_source_url: str = ""
    thumb_media_id: str = ""
    thumb_url: str = ""
    url: str = ""  # Of a draft: for a short time.
    show_cover_pic: bool = False
    need_open_comment: bool = False
    only_fans_can_comment: bool = False
    is_deleted: bool = False


class ArticlesAnswer(Answer, frozen=True):
    news_item: tuple[ArticleInfo, ...] = ()


class ArticleList(Part, frozen=True):
    news_item: tuple[ArticleInfo, ...] = ()
    create_time: int = 0  # Unix seconds.
    update_time: int = 0


class CountAnswer(Answer, frozen=True):
    total_count: int


class ListRequest(Request, frozen=True):
    offset: int
    count: int  # 1 to 20.
    no_content: Flag = 0


class Draft(Part, frozen=True):
    media_id: str
    content: ArticleList = ArticleList()
    update_time: int = 0


class ListAnswer(Answer, frozen=True):
    total_count: int = 0
    item_count: int = 0
    item: tuple[Draft, ...] = ()


class ProductCardRequest(Request, frozen=True):
    product_id: str
    article_type: str
    card_type: Literal[0, 1, 2, 3]  # Large, small, text, bar.


class ProductCard(Answer, frozen=True):
    product_key: str = ""
    DOM: str = ""  # To be put into ``content``.


ADD: Final = Call("POST", "/cgi-bin/draft/add", AddRequest, Added)
UPDATE: Final = Call("POST", "/cgi-bin/draft/update", UpdateRequest, Done, repeatable=True)
GET: Final = Call("POST", "/cgi-bin/draft/get", MediaIdRequest, ArticlesAnswer, repeatable=True)
DELETE: Final = Call("POST", "/cgi-bin/draft/delete", MediaIdRequest, Done)
COUNT: Final = Call("GET", "/cgi-bin/draft/count", Nothing, CountAnswer, repeatable=True)
LIST: Final = Call("POST", "/cgi-bin/draft/batchget", ListRequest, ListAnswer, repeatable=True)
PRODUCT_CARD: Final = Call(
    "POST", "/channels/ec/service/product/getcardinfo", ProductCardRequest, ProductCard, repeatable=True
)
