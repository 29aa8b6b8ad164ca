"""Media, material, drafts, publishing and comments, over the wire."""

import asyncio

import pytest

from contract.official_account.pictures import jpeg, looks_like_jpeg
from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import File, Nothing
from quanyu.wechat.common import media
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import comments, drafts, material, publishing
from quanyu.wechat.official_account.client import OfficialAccountClient

MP4 = File(b"\x00\x00\x00\x18ftypmp42" + bytes(200), "泡茶.mp4", "video/mp4")


async def test_temporary_media_go_up_and_come_down(client: OfficialAccountClient) -> None:
    picture = jpeg()

    up = await client.call(media.UPLOAD, media.UploadRequest(type="image", media=picture))
    down = await client.call(media.DOWNLOAD, media.MediaRequest(media_id=up.id))

    assert up.type == "image"
    assert down.file is not None
    assert down.file.content == picture.content
    assert down.file.content_type == "image/jpeg"


async def test_a_thumbnail_has_an_id(client: OfficialAccountClient) -> None:
    assert (await client.call(media.UPLOAD, media.UploadRequest(type="thumb", media=jpeg()))).id


async def test_a_temporary_video_is_an_address(client: OfficialAccountClient) -> None:
    up = await client.call(media.UPLOAD, media.UploadRequest(type="video", media=MP4))

    down = await client.call(media.DOWNLOAD, media.MediaRequest(media_id=up.id))

    assert down.file is None
    assert down.video_url.startswith("http")


async def test_unknown_media_are_refused(client: OfficialAccountClient) -> None:
    for call in (media.DOWNLOAD, media.DOWNLOAD_VOICE):
        with pytest.raises(PlatformRefusal) as caught:
            await client.call(call, media.MediaRequest(media_id="none"))
        assert caught.value.errcode == 40007


async def add_picture(client: OfficialAccountClient) -> str:
    added = await client.call(material.ADD, material.AddRequest(type="image", media=jpeg()))
    assert added.url
    return added.media_id


async def test_a_permanent_picture_is_listed_read_and_removed(client: OfficialAccountClient) -> None:
    media_id = await add_picture(client)

    assert (await client.call(material.COUNT, Nothing())).image_count == 1
    listed = await client.call(material.LIST, material.ListRequest(type="image", offset=0, count=20))
    assert [item.media_id for item in listed.item] == [media_id]
    got = await client.call(material.GET, material.MediaIdRequest(media_id=media_id))
    assert looks_like_jpeg(got.file)

    await client.call(material.DELETE, material.MediaIdRequest(media_id=media_id))
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(material.GET, material.MediaIdRequest(media_id=media_id))
    assert caught.value.errcode == 40007


async def test_a_permanent_video_keeps_its_description(client: OfficialAccountClient) -> None:
    added = await client.call(
        material.ADD,
        material.AddRequest(
            type="video", media=MP4, description=material.VideoDescription("泡茶", "三分钟学会")
        ),
    )

    got = await client.call(material.GET, material.MediaIdRequest(media_id=added.media_id))

    assert (got.file, got.title, got.description) == (None, "泡茶", "三分钟学会")
    assert got.down_url.startswith("http")


async def test_a_video_is_made_ready_for_mass_sending(client: OfficialAccountClient) -> None:
    up = await client.call(media.UPLOAD, media.UploadRequest(type="video", media=MP4))

    ready = await client.call(
        material.UPLOAD_MASS_VIDEO, material.MassVideoRequest(media_id=up.id, title="泡茶")
    )

    assert ready.media_id


async def test_a_picture_for_an_article_has_an_address(client: OfficialAccountClient) -> None:
    added = await client.call(material.ADD_PICTURE, material.PictureRequest(media=jpeg()))

    assert added.url.startswith("http")


async def add_draft(client: OfficialAccountClient, *titles: str, commented: bool = False) -> str:
    cover = await add_picture(client)
    articles = tuple(
        drafts.Article(
            title=title,
            content="<p>明前龙井</p>",
            thumb_media_id=cover,
            author="青山",
            need_open_comment=1 if commented else 0,
        )
        for title in titles
    )
    return (await client.call(drafts.ADD, drafts.AddRequest(articles=articles))).media_id


async def test_a_draft_is_changed_listed_and_removed(client: OfficialAccountClient) -> None:
    media_id = await add_draft(client, "春茶", "夏茶")
    draft = drafts.MediaIdRequest(media_id=media_id)
    articles = (await client.call(drafts.GET, draft)).news_item
    assert [(one.title, one.author) for one in articles] == [("春茶", "青山"), ("夏茶", "青山")]

    changed = drafts.Article(title="秋茶", content="x", thumb_media_id=articles[0].thumb_media_id)
    await client.call(drafts.UPDATE, drafts.UpdateRequest(media_id=media_id, index=1, articles=changed))

    assert (await client.call(drafts.COUNT, Nothing())).total_count == 1
    listed = await client.call(drafts.LIST, drafts.ListRequest(offset=0, count=20))
    assert [one.title for one in listed.item[0].content.news_item] == ["春茶", "秋茶"]
    bare = await client.call(drafts.LIST, drafts.ListRequest(offset=0, count=20, no_content=1))
    assert bare.item[0].content.news_item == ()

    await client.call(drafts.DELETE, draft)
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(drafts.GET, draft)
    assert caught.value.errcode == 40007


async def publish(client: OfficialAccountClient, *, commented: bool = False) -> publishing.Submitted:
    media_id = await add_draft(client, "春茶", commented=commented)
    submitted = await client.call(publishing.SUBMIT, publishing.SubmitRequest(media_id=media_id))
    assert submitted.publish_id
    for _ in range(1000):
        if (await state_of(client, submitted)).publish_status != 1:
            return submitted
        await asyncio.sleep(0.01)
    raise AssertionError("publishing does not end")


async def state_of(client: OfficialAccountClient, submitted: publishing.Submitted) -> publishing.StateAnswer:
    request = publishing.StateRequest(publish_id=submitted.publish_id)
    return await client.call(publishing.STATE, request)


async def test_an_article_is_published_read_listed_and_withdrawn(client: OfficialAccountClient) -> None:
    state = await state_of(client, await publish(client))

    assert (state.publish_status, state.article_detail.count) == (0, 1)
    assert state.article_detail.item[0].article_url.startswith("http")
    request = publishing.ArticleRequest(article_id=state.article_id)
    (article,) = (await client.call(publishing.ARTICLE, request)).news_item
    assert (article.title, article.is_gone) == ("春茶", False)
    listed = await client.call(publishing.LIST, publishing.ListRequest(offset=0, count=20))
    assert [one.article_id for one in listed.item] == [state.article_id]

    await client.call(publishing.DELETE, publishing.DeleteRequest(article_id=state.article_id))
    listed = await client.call(publishing.LIST, publishing.ListRequest(offset=0, count=20))
    assert listed.total_count == 0


async def test_comments_are_listed_featured_answered_and_removed(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    submitted = await publish(client, commented=True)
    article = comments.ArticleRequest(msg_data_id=submitted.msg_data_id)
    await client.call(comments.OPEN, article)
    listed_articles = await sandbox.control("GET", f"/accounts/{client.app_id}/articles")
    url = listed_articles["items"][-1]["url"]
    await sandbox.follow(2)
    written = await sandbox.control("POST", "/people/2/comment", {"url": url, "content": "好茶"})
    one = comments.CommentRequest(
        msg_data_id=submitted.msg_data_id, user_comment_id=written["user_comment_id"]
    )

    await client.call(comments.FEATURE, one)
    await client.call(
        comments.REPLY,
        comments.AnswerRequest(
            msg_data_id=one.msg_data_id, user_comment_id=one.user_comment_id, content="谢谢"
        ),
    )
    (comment,) = (await listing(client, one.msg_data_id)).comment
    assert (comment.content, comment.comment_type) == ("好茶", 1)
    assert comment.answer is not None
    assert comment.answer.content == "谢谢"

    await client.call(comments.UNFEATURE, one)
    await client.call(comments.DELETE_REPLY, one)
    (comment,) = (await listing(client, one.msg_data_id)).comment
    assert comment.comment_type == 0
    assert comment.answer is None or not comment.answer.content

    await client.call(comments.DELETE, one)
    assert (await listing(client, one.msg_data_id)).total == 0
    await client.call(comments.CLOSE, article)


async def listing(client: OfficialAccountClient, msg_data_id: int) -> comments.ListAnswer:
    request = comments.ListRequest(msg_data_id=msg_data_id, begin=0, count=40, type=0)
    return await client.call(comments.LIST, request)
