"""Drafts, publishing, readers and comments."""

from typing import Any

import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.wire import samples

ADD = "/cgi-bin/draft/add"


async def cover(rig: Rig) -> str:
    path = "/cgi-bin/material/add_material"
    return str((await rig.upload(path, samples.picture(1), filename="c.jpg", type="image"))["media_id"])


async def article(rig: Rig, **changes: Any) -> dict[str, Any]:
    whole = {"title": "春茶", "content": "<p>明前</p>", "thumb_media_id": await cover(rig), "author": "青山"}
    return whole | changes


async def publish(rig: Rig, **changes: Any) -> dict[str, Any]:
    draft = await rig.ask(ADD, {"articles": [await article(rig, **changes)]})
    made = await rig.ask("/cgi-bin/freepublish/submit", {"media_id": draft["media_id"]})
    await rig.settled()
    return made


async def page_of(rig: Rig) -> str:
    listed = await rig.control("GET", f"/accounts/{rig.account.appid}/articles")
    return str(listed["items"][-1]["url"])


async def test_a_draft_is_kept_changed_and_removed(rig: Rig) -> None:
    picture = (await rig.upload("/cgi-bin/media/uploadimg", samples.picture(2), filename="p.jpg"))["url"]
    dirty = (
        f'<p onclick="x()">茶<script>x</script><img src="{picture}"><img src="https://else.where/a.jpg"></p>'
    )
    made = await rig.ask(
        ADD, {"articles": [await article(rig, content=dirty), await article(rig, title="夏")]}
    )
    key = {"media_id": made["media_id"]}
    [first, second] = (await rig.ask("/cgi-bin/draft/get", key))["news_item"]
    assert first["content"] == f'<p>茶<img src="{picture}"></p>'
    assert (first["author"], first["digest"], second["title"]) == ("青山", "", "夏")
    assert first["url"].startswith(f"{rig.sandbox.url}/s/")
    assert (await rig.fetch(first["url"].removeprefix(rig.sandbox.url)))[0] == 200
    change = key | {"index": 1, "articles": await article(rig, title="秋")}
    assert await rig.code("/cgi-bin/draft/update", change) == 0
    assert await rig.code("/cgi-bin/draft/update", change | {"index": 2}) == 40114
    assert (await rig.ask("/cgi-bin/draft/count")) == {"total_count": 1}
    listed = await rig.ask("/cgi-bin/draft/batchget", {"offset": 0, "count": 20, "no_content": 0})
    assert listed["item"][0]["content"]["news_item"][1]["title"] == "秋"
    bare = await rig.ask("/cgi-bin/draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    assert "content" not in bare["item"][0]
    assert await rig.code("/cgi-bin/draft/delete", key) == 0
    assert await rig.code("/cgi-bin/draft/get", key) == 40007
    assert (await rig.ask("/cgi-bin/draft/switch", {}, checkonly="1"))["is_open"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, 45003),
        ({"title": "题" * 33}, 45003),
        ({"author": "名" * 17}, 45110),
        ({"digest": "摘" * 129}, 45004),
        ({"content": ""}, 44004),
        ({"content": "文" * 20_000}, 45002),
        ({"content_source_url": "https://x/" + "u" * 1024}, 41039),
        ({"thumb_media_id": "none"}, 40007),
        ({"need_open_comment": 2}, 40035),
        ({"article_type": "newspic"}, 45008),
        ({"article_type": "poem"}, 40035),
    ],
)
async def test_what_cannot_be_an_article(rig: Rig, change: dict[str, Any], code: int) -> None:
    assert await rig.code(ADD, {"articles": [await article(rig, **change)]}) == code
    assert await rig.code(ADD, {"articles": []}) == 44003
    assert (await rig.ask("/cgi-bin/draft/count"))["total_count"] == 0


async def test_a_post_of_pictures(rig: Rig) -> None:
    media_id = await cover(rig)
    info = {"image_list": [{"image_media_id": media_id}]}
    body = {"article_type": "newspic", "title": "茶园", "content": "晨", "image_info": info}
    made = await rig.ask(ADD, {"articles": [body]})
    [item] = (await rig.ask("/cgi-bin/draft/get", {"media_id": made["media_id"]}))["news_item"]
    assert (item["article_type"], item["image_info"], item["thumb_media_id"]) == ("newspic", info, media_id)


async def test_publishing_ends_with_an_event(rig: Rig) -> None:
    draft = await rig.ask(ADD, {"articles": [await article(rig)]})
    made = await rig.ask("/cgi-bin/freepublish/submit", {"media_id": draft["media_id"]})
    assert isinstance(made["publish_id"], str)
    key = {"publish_id": made["publish_id"]}
    under_way = await rig.ask("/cgi-bin/freepublish/get", key)
    assert under_way["publish_status"] == 1
    [event] = await rig.events("PUBLISHJOBFINISH")
    info = event["PublishEventInfo"]
    assert (info["publish_id"], info["publish_status"]) == (made["publish_id"], "0")
    done = await rig.ask("/cgi-bin/freepublish/get", {"publish_id": int(made["publish_id"])})
    assert (done["publish_status"], done["fail_idx"]) == (0, [])
    assert done["article_id"] == info["article_id"]
    [detail] = done["article_detail"]["item"]
    assert detail["article_url"] == info["article_detail"]["item"]["article_url"]
    status, content, _ = await rig.fetch(detail["article_url"].removeprefix(rig.sandbox.url))
    assert (status, "春茶" in content.decode()) == (200, True)
    # What is published leaves the draft box.
    assert (await rig.ask("/cgi-bin/draft/count"))["total_count"] == 0
    listed = await rig.ask("/cgi-bin/freepublish/batchget", {"offset": 0, "count": 1})
    assert (listed["total_count"], listed["item"][0]["article_id"]) == (1, done["article_id"])
    article_id = {"article_id": done["article_id"]}
    assert (await rig.ask("/cgi-bin/freepublish/getarticle", article_id))["news_item"][0][
        "is_deleted"
    ] is False
    assert await rig.code("/cgi-bin/freepublish/delete", article_id) == 0
    assert (await rig.ask("/cgi-bin/freepublish/get", key))["publish_status"] == 5
    _, content, _ = await rig.fetch(detail["article_url"].removeprefix(rig.sandbox.url))
    assert "已被发布者删除" in content.decode()
    assert await rig.code("/cgi-bin/freepublish/get", {"publish_id": "1"}) == 53502
    assert await rig.code("/cgi-bin/freepublish/getarticle", {"article_id": "x"}) == 53600


async def test_a_publication_may_fail(rig: Rig) -> None:
    outcome = {"job": "publish", "outcome": "4"}
    await rig.control("POST", f"/accounts/{rig.account.appid}/next-outcome", outcome)
    made = await publish(rig)
    answer = await rig.ask("/cgi-bin/freepublish/get", {"publish_id": made["publish_id"]})
    assert answer == {"publish_id": made["publish_id"], "publish_status": 4, "fail_idx": [1]}
    [event] = await rig.events("PUBLISHJOBFINISH")
    assert event["PublishEventInfo"]["fail_idx"] == "1"
    assert (await rig.ask("/cgi-bin/draft/count"))["total_count"] == 1


async def test_readers_comment_and_are_answered(rig: Rig) -> None:
    made = await publish(rig, need_open_comment=1)
    url = await page_of(rig)
    for person, text in ((0, "好茶"), (1, "贵了")):
        await rig.act(person, "comment", url=url, content=text)
    where = {"msg_data_id": made["msg_data_id"], "index": 0}
    listing = where | {"begin": 0, "count": 49, "type": 0}
    listed = await rig.ask("/cgi-bin/comment/list", listing)
    assert [one["content"] for one in listed["comment"]] == ["贵了", "好茶"]
    assert listed["comment"][0]["openid"] == rig.openid(1)
    good, dear = (where | {"user_comment_id": one["user_comment_id"]} for one in listed["comment"][::-1])
    assert await rig.code("/cgi-bin/comment/markelect", good) == 0
    assert await rig.code("/cgi-bin/comment/reply/add", good | {"content": "谢谢"}) == 0
    assert await rig.code("/cgi-bin/comment/reply/add", good | {"content": "谢谢"}) == 88005
    assert await rig.code("/cgi-bin/comment/reply/add", dear | {"content": ""}) == 88007
    [featured] = (await rig.ask("/cgi-bin/comment/list", listing | {"type": 2}))["comment"]
    assert (featured["comment_type"], featured["reply"]["content"]) == (1, "谢谢")
    assert await rig.code("/cgi-bin/comment/reply/delete", good) == 0
    assert await rig.code("/cgi-bin/comment/unmarkelect", good) == 0
    assert await rig.code("/cgi-bin/comment/delete", dear) == 0
    assert await rig.code("/cgi-bin/comment/delete", dear) == 88008
    assert (await rig.ask("/cgi-bin/comment/list", listing))["total"] == 1
    assert await rig.code("/cgi-bin/comment/close", where) == 0
    status, _ = await rig.request("POST", "/sandbox/people/2/comment", json={"url": url, "content": "x"})
    assert status == 404
    assert await rig.code("/cgi-bin/comment/open", where | {"msg_data_id": 1}) == 88001
    assert await rig.code("/cgi-bin/comment/list", listing | {"count": 50}) == 88010


async def test_news_as_they_were_before_drafts(rig: Rig) -> None:
    made = await rig.ask("/cgi-bin/material/add_news", {"articles": [await article(rig)]})
    key = {"media_id": made["media_id"]}
    change = key | {"index": 0, "articles": await article(rig, title="冬")}
    assert await rig.code("/cgi-bin/material/update_news", change) == 0
    listed = await rig.ask("/cgi-bin/material/batchget_material", {"type": "news", "offset": 0, "count": 20})
    assert listed["item"][0]["content"]["news_item"][0]["title"] == "冬"
    assert (await rig.ask("/cgi-bin/material/get_material", key))["news_item"][0]["title"] == "冬"
    assert await rig.code("/cgi-bin/material/del_material", key) == 0
    assert await rig.code("/cgi-bin/material/get_material", key) == 40007
    sent = await rig.ask("/cgi-bin/media/uploadnews", {"articles": [await article(rig)]})
    assert (sent["type"], set(sent)) == ("news", {"type", "media_id", "created_at"})
    film = await rig.upload("/cgi-bin/media/upload", samples.film(), filename="f.mp4", type="video")
    titled = {"media_id": film["media_id"], "title": "制茶", "description": "三分钟"}
    assert (await rig.ask("/cgi-bin/media/uploadvideo", titled))["type"] == "video"


async def test_automatic_replies_of_the_console(rig: Rig) -> None:
    appid = rig.account.appid
    empty = await rig.ask("/cgi-bin/get_current_autoreply_info")
    assert empty == {"is_add_friend_reply_open": 0, "is_autoreply_open": 0}
    rule = {"name": "价格", "keywords": [{"content": "多少钱"}], "replies": ["见商城"]}
    body = {"on_follow": "欢迎", "default": "稍等", "rules": [rule]}
    await rig.control("PUT", f"/accounts/{appid}/autoreply", body)
    info = await rig.ask("/cgi-bin/get_current_autoreply_info")
    [listed] = info["keyword_autoreply_info"]["list"]
    assert (listed["rule_name"], listed["reply_mode"]) == ("价格", "reply_all")
    assert listed["keyword_list_info"] == [{"type": "text", "match_mode": "contain", "content": "多少钱"}]
    await rig.act(0, "follow")
    await rig.control("PUT", f"/accounts/{appid}", {"callback_url": ""})
    await rig.act(0, "say", text="这个多少钱")
    await rig.act(0, "say", text="在吗")
    lines = (await rig.control("GET", f"/conversations/{appid}/0"))["lines"]
    answers = [line["body"]["Content"] for line in lines if line["kind"] == "autoreply:text"]
    assert answers == ["见商城", "稍等"]  # The address was still there when they followed.
