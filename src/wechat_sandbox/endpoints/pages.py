"""Pages and files on the platform's other hosts, for browsers: articles, pictures, short addresses."""

from html import escape

from wechat_sandbox.endpoints.registry import NOT_FOUND, REGISTRY, Call, Reply
from wechat_sandbox.endpoints.short_keys import follow_short_url
from wechat_sandbox.state.media import find_public_file
from wechat_sandbox.state.news import Article, NewsKind, NewsShelf
from wechat_sandbox.state.publishing import Publications
from wechat_sandbox.wire import samples

_HTML = "text/html; charset=utf-8"


@REGISTRY.pages("/s/")
def show_page(call: Call) -> Reply:
    """``mp.weixin.qq.com/s/KEY``: an article; ``w.url.cn/s/KEY``: a redirect."""
    key = call.path.rpartition("/")[2]
    if key.startswith("preview-"):
        return _show_preview(call, key)
    for account in call.world.accounts.values():
        found = Publications(call.world, account).find_page(key)
        if found is None:
            continue
        publication, index = found
        if index not in publication.visible():
            return _html("<p>该内容已被发布者删除</p>")
        return _article(publication.articles[index - 1])
    return follow_short_url(call.world, call.path)


@REGISTRY.pages("/mmbiz_jpg/")
@REGISTRY.pages("/mmbiz_png/")
@REGISTRY.pages("/mmbiz_gif/")
@REGISTRY.pages("/mmbiz_bmp/")
@REGISTRY.pages("/mmbiz_amr/")
@REGISTRY.pages("/mmbiz_mp3/")
@REGISTRY.pages("/mmbiz_wav/")
@REGISTRY.pages("/mmbiz_wma/")
@REGISTRY.pages("/mmbiz_speex/")
@REGISTRY.pages("/mpvideo/")
def show_file(call: Call) -> Reply:
    """A picture, sound or film by its public address."""
    parts = call.path.split("/")
    found = find_public_file(call.world, parts[2])
    return NOT_FOUND if found is None else Reply(body=found[0], content_type=found[1])


@REGISTRY.pages("/mmopen/")
def show_portrait(call: Call) -> Reply:
    """The picture of a person, by number."""
    name = call.path.split("/")[2]
    if not name.isdecimal() or int(name) >= call.world.people:
        return NOT_FOUND
    return Reply(body=samples.picture(int(name)), content_type="image/jpeg")


def _show_preview(call: Call, key: str) -> Reply:
    media_id, _, ordinal = key.removeprefix("preview-").rpartition("-")
    for account in call.world.accounts.values():
        for kind in NewsKind:
            news = NewsShelf(call.world, account, kind).find(media_id)
            if news is not None and ordinal.isdecimal() and 1 <= int(ordinal) <= len(news.articles):
                return _article(news.articles[int(ordinal) - 1])
    return NOT_FOUND


def _article(article: Article) -> Reply:
    source = (
        f'<p><a href="{escape(article.content_source_url)}">阅读原文</a></p>'
        if article.content_source_url.startswith(("http://", "https://"))
        else ""
    )
    # The content was cleaned of scripts when it was kept.
    return _html(f"<h1>{escape(article.title)}</h1><p>{escape(article.author)}</p>{article.content}{source}")


def _html(inside: str) -> Reply:
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    policy = {"Content-Security-Policy": "script-src 'none'"}
    return Reply(body=f"{head}{inside}".encode(), content_type=_HTML, headers=policy)
