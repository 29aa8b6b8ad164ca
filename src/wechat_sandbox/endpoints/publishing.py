"""Publishing drafts without a notice to followers (``freepublish``)."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.materials import read_page
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.news import NewsKind, NewsShelf
from wechat_sandbox.state.publishing import SUCCESS, Publication, Publications


@REGISTRY.post("/cgi-bin/freepublish/submit", kinds=OFFICIAL, certified_only=True, daily_limit=100)
def submit(call: Call) -> Mapping[str, object]:
    """Begin to publish a draft. ``publish_id`` is a text here, ``msg_data_id`` a number."""
    drafts = NewsShelf(call.world, call.account, NewsKind.DRAFT)
    made = Publications(call.world, call.account).submit(drafts.get(call.text("media_id")), call.at)
    return OK | {"publish_id": made.publish_id, "msg_data_id": made.msg_data_id}


@REGISTRY.post("/cgi-bin/freepublish/get", kinds=OFFICIAL, certified_only=True)
def status(call: Call) -> Mapping[str, object]:
    publications = Publications(call.world, call.account)
    one = publications.get(str(call.body.get("publish_id", "")))
    answer: dict[str, object] = {"publish_id": one.publish_id, "publish_status": one.status}
    if one.status == SUCCESS:
        detail = publications.detail(one)
        answer |= {"article_id": one.article_id, "article_detail": {"count": len(detail), "item": detail}}
    return answer | {"fail_idx": list(one.fail_idx)}


@REGISTRY.post("/cgi-bin/freepublish/delete", kinds=OFFICIAL, certified_only=True)
def delete(call: Call) -> Mapping[str, object]:
    """Take articles back: ``index`` counts from 1, 0 means all."""
    publications = Publications(call.world, call.account)
    publications.delete(publications.get_article(call.text("article_id")), call.number("index", 0))
    return OK


@REGISTRY.post("/cgi-bin/freepublish/getarticle", kinds=OFFICIAL, certified_only=True)
def get_article(call: Call) -> Mapping[str, object]:
    one = Publications(call.world, call.account).get_article(call.text("article_id"))
    return _content(call, one)


@REGISTRY.post("/cgi-bin/freepublish/batchget", kinds=OFFICIAL, certified_only=True)
def list_published(call: Call) -> Mapping[str, object]:
    offset, count = read_page(call)
    bare = bool(call.number("no_content", 0))
    listed = Publications(call.world, call.account).listed()
    items = [_item(call, one, bare=bare) for one in listed[offset : offset + count]]
    return {"total_count": len(listed), "item_count": len(items), "item": items}


def _item(call: Call, one: Publication, *, bare: bool) -> dict[str, object]:
    content = {} if bare else {"content": _content(call, one)}
    return {"article_id": one.article_id, **content, "update_time": int(one.at)}


def _content(call: Call, one: Publication) -> dict[str, object]:
    items = [
        article.as_item(one.url(call.world, index)) | {"is_deleted": index in one.deleted}
        for index, article in enumerate(one.articles, 1)
    ]
    return {"news_item": items, "create_time": int(one.at), "update_time": int(one.at)}
