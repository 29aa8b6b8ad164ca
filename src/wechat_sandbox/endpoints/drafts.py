"""The draft box."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.materials import read_page
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.news import News, NewsKind, NewsShelf
from wechat_sandbox.wire.errors import PlatformError


@REGISTRY.post("/cgi-bin/draft/add", kinds=OFFICIAL, utf8_only=True)
def add_draft(call: Call) -> Mapping[str, object]:
    return {"media_id": _drafts(call).add(call.body.get("articles"), call.at).media_id}


@REGISTRY.post("/cgi-bin/draft/update", kinds=OFFICIAL, utf8_only=True)
def update_draft(call: Call) -> Mapping[str, object]:
    """Replace one article; ``articles`` is an object here, not a list."""
    _drafts(call).update(call.text("media_id"), call.number("index", 0), call.body.get("articles"), call.at)
    return OK


@REGISTRY.post("/cgi-bin/draft/get", kinds=OFFICIAL)
def get_draft(call: Call) -> Mapping[str, object]:
    news = _drafts(call).get(call.text("media_id"))
    return _content(call, news)


@REGISTRY.post("/cgi-bin/draft/delete", kinds=OFFICIAL)
def delete_draft(call: Call) -> Mapping[str, object]:
    _drafts(call).drop(call.text("media_id"))
    return OK


@REGISTRY.get("/cgi-bin/draft/count", kinds=OFFICIAL)
def count_drafts(call: Call) -> Mapping[str, object]:
    return {"total_count": _drafts(call).count()}


@REGISTRY.post("/cgi-bin/draft/batchget", kinds=OFFICIAL)
def list_drafts(call: Call) -> Mapping[str, object]:
    offset, count = read_page(call)
    drafts = _drafts(call)
    without_content = bool(call.number("no_content", 0))
    items = [_item(call, one, bare=without_content) for one in drafts.page(offset=offset, count=count)]
    return {"total_count": drafts.count(), "item_count": len(items), "item": items}


@REGISTRY.post("/cgi-bin/draft/switch", kinds=OFFICIAL, may_be_empty=True)
def draft_switch(call: Call) -> Mapping[str, object]:
    """The draft box is open for everyone since 2022."""
    return OK | {"is_open": 1}


@REGISTRY.post("/channels/ec/service/product/getcardinfo", kinds=OFFICIAL)
def product_card(call: Call) -> Mapping[str, object]:
    """No account of the sandbox has a shop to take a product from."""
    raise PlatformError(53406)


def _drafts(call: Call) -> NewsShelf:
    return NewsShelf(call.world, call.account, NewsKind.DRAFT)


def _item(call: Call, news: News, *, bare: bool) -> dict[str, object]:
    content = {} if bare else {"content": _content(call, news)}
    return {"media_id": news.media_id, **content, "update_time": news.update_time}


def _content(call: Call, news: News) -> dict[str, object]:
    return {
        "news_item": news.as_items(call.world),
        "create_time": news.create_time,
        "update_time": news.update_time,
    }
