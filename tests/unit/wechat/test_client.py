"""How a declared call goes over the wire, and how what comes back is told apart."""

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import msgspec
import pytest

from quanyu.wechat.calls import File, Nothing
from quanyu.wechat.client import PlatformClient, TokenKind
from quanyu.wechat.common import management, media, notice_templates
from quanyu.wechat.errors import MalformedAnswer, PlatformRefusal, QuotaExceeded
from quanyu.wechat.mini_program import codes, login, security
from quanyu.wechat.mini_program.client import MiniProgramClient
from quanyu.wechat.official_account import comments, mass, material, menu, oauth, publishing, qr_codes
from quanyu.wechat.official_account.client import Credentials, OfficialAccountClient
from quanyu.wechat.refusals import Action
from quanyu.wechat.transport import Received
from unit.wechat.scripted import CREDENTIALS, Asked, answer, scripted

JPEG = b"\xff\xd8\xff\xe0a picture"


def parts_of(asked: Asked) -> dict[str, Any]:
    """Read a form as any server would: by Python's own parser."""
    assert asked.body is not None
    head = f"Content-Type: {asked.content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    return {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}


async def test_a_file_goes_as_a_form_with_its_kind_in_the_query() -> None:
    client, transport = scripted(
        PlatformClient, answer({"type": "image", "media_id": "M", "created_at": "1700000000"})
    )

    uploaded = await client.call(
        media.UPLOAD, media.UploadRequest(type="image", media=File(JPEG, '图"片".jpg', "image/jpeg"))
    )

    (asked,) = transport.asked
    assert asked.query == {"access_token": "TOKEN", "type": "image"}
    assert asked.carries_file
    part = parts_of(asked)["media"]
    assert part.get_payload(decode=True) == JPEG
    assert part.get_content_type() == "image/jpeg"
    assert part.get_filename() == "图_片_.jpg"
    assert (uploaded.id, uploaded.created_at) == ("M", 1700000000)


async def test_a_video_carries_its_description_as_json_text() -> None:
    client, transport = scripted(PlatformClient, answer({"media_id": "M"}))

    await client.call(
        material.ADD,
        material.AddRequest(
            type="video",
            media=File(b"\x00\x01\r\n--x", "a.mp4", "video/mp4"),
            description=material.VideoDescription("茶", "泡茶"),
        ),
    )

    parts = parts_of(transport.asked[0])
    assert set(parts) == {"media", "description"}
    assert parts["media"].get_payload(decode=True) == b"\x00\x01\r\n--x"
    described = msgspec.json.decode(parts["description"].get_payload(decode=True))
    assert described == {"title": "茶", "introduction": "泡茶"}


async def test_a_thumbnail_s_id_has_another_name() -> None:
    client, _ = scripted(PlatformClient, answer({"type": "thumb", "thumb_media_id": "T", "created_at": 1}))

    uploaded = await client.call(media.UPLOAD, media.UploadRequest(type="thumb", media=File(JPEG, "t.jpg")))

    assert uploaded.id == "T"


async def test_a_file_comes_down_with_its_name() -> None:
    client, _ = scripted(PlatformClient, Received(200, JPEG, "image/jpeg", "M.jpg"))

    got = await client.call(media.DOWNLOAD, media.MediaRequest(media_id="M"))

    assert got.file == File(JPEG, "M.jpg", "image/jpeg")
    assert got.video_url == ""


async def test_a_video_comes_as_its_address() -> None:
    client, _ = scripted(PlatformClient, answer({"video_url": "http://v"}))

    got = await client.call(media.DOWNLOAD, media.MediaRequest(media_id="M"))

    assert (got.file, got.video_url) == (None, "http://v")


@pytest.mark.parametrize("content_type", ["application/json", "image/jpeg", "text/plain", ""])
async def test_a_refusal_instead_of_a_file_is_a_refusal(content_type: str) -> None:
    refused = msgspec.json.encode({"errcode": 40007, "errmsg": "invalid media_id"})
    client, _ = scripted(PlatformClient, Received(200, refused, content_type))

    with pytest.raises(PlatformRefusal) as caught:
        await client.call(media.DOWNLOAD, media.MediaRequest(media_id="M"))
    assert caught.value.errcode == 40007


async def test_sound_may_begin_like_json() -> None:
    client, _ = scripted(PlatformClient, Received(200, b"{\x00\x01", "audio/speex", "v.speex"))

    got = await client.call(media.DOWNLOAD_VOICE, media.MediaRequest(media_id="M"))

    assert got.file is not None
    assert got.file.content == b"{\x00\x01"


@pytest.mark.parametrize(
    "received", [Received(200, b"", "image/jpeg"), Received(200, b"{broken", "text/plain")]
)
async def test_neither_file_nor_json_is_malformed(received: Received) -> None:
    client, _ = scripted(PlatformClient, received)

    with pytest.raises(MalformedAnswer):
        await client.call(media.DOWNLOAD, media.MediaRequest(media_id="M"))


async def test_calls_by_secret_go_without_a_token() -> None:
    client, transport = scripted(
        MiniProgramClient, answer({"openid": "o1", "session_key": "k", "unionid": "u"})
    )

    session = await client.log_in("code-1")

    assert transport.asked[0].query == {
        "appid": "wx1",
        "secret": "s3cret",
        "grant_type": "authorization_code",
        "js_code": "code-1",
    }
    assert (session.openid, session.unionid) == ("o1", "u")


async def test_the_secret_has_another_name_when_quotas_are_cleared() -> None:
    client, transport = scripted()

    await client.call(management.CLEAR_QUOTA_BY_SECRET, Nothing())

    assert transport.asked[0].query == {"appid": "wx1", "appsecret": "s3cret"}


async def test_a_person_s_token_is_the_request_s_own() -> None:
    client, transport = scripted(OfficialAccountClient, answer({"openid": "o1", "nickname": "阿茶"}))

    await client.call(oauth.PROFILE, oauth.ProfileRequest(access_token="theirs", openid="o1"))

    assert transport.asked[0].query == {"access_token": "theirs", "openid": "o1"}


async def test_a_refused_user_token_does_not_void_the_account_s() -> None:
    client, transport = scripted(OfficialAccountClient, answer({"errcode": 40001, "errmsg": "no"}))

    with pytest.raises(PlatformRefusal):
        await client.call(oauth.CHECK, oauth.UserTokenRequest(access_token="t", openid="o1"))
    assert len(transport.asked) == 1


async def test_query_and_body_of_one_post() -> None:
    client, transport = scripted(MiniProgramClient, answer({"key_info_list": []}))

    await client.call(login.ENCRYPT_KEYS, login.SessionRequest(openid="o1", signature="s"))

    (asked,) = transport.asked
    assert asked.method == "POST"
    assert asked.query == {
        "access_token": "TOKEN",
        "openid": "o1",
        "signature": "s",
        "sig_method": "hmac_sha256",
    }
    assert asked.json == {}


async def test_constant_fields_are_sent() -> None:
    client, transport = scripted(MiniProgramClient, answer({"trace_id": "t"}))

    await client.call(security.CHECK_TEXT, security.TextRequest(content="你好", scene=2, openid="o1"))

    assert transport.asked[0].json == {"version": 2, "content": "你好", "scene": 2, "openid": "o1"}
    assert "你好".encode() in (transport.asked[0].body or b""), "real UTF-8, no escapes"


def test_lists_in_a_query_are_joined() -> None:
    request = notice_templates.TitlesRequest(ids=(2, 616), start=0, limit=30)

    assert notice_templates.TITLES.encode(request).query == {"ids": "2,616", "start": "0", "limit": "30"}


async def test_pages_have_a_host_of_their_own() -> None:
    client, transport = scripted(OfficialAccountClient, Received(200, JPEG, "image/jpeg"))

    image = await client.qr_code_image("gQ+/==")

    assert image is not None
    assert transport.asked[0].base_url == "https://mp.weixin.qq.com"
    assert transport.asked[0].query == {"ticket": "gQ+/=="}
    assert Credentials(app_id="a", secret="b", base_url="http://sandbox").base_url_of(
        qr_codes.IMAGE.host
    ) == ("http://sandbox")


async def test_an_unknown_ticket_has_no_picture() -> None:
    client, _ = scripted(OfficialAccountClient, Received(404, b"not found", "text/html"))

    assert await client.qr_code_image("gQ==") is None


async def test_any_other_status_is_malformed() -> None:
    client, _ = scripted(OfficialAccountClient, Received(502, b"<html>", "text/html"))

    with pytest.raises(MalformedAnswer, match="HTTP 502") as caught:
        await client.templates()
    assert caught.value.status == 502
    with pytest.raises(MalformedAnswer):
        await client.qr_code_image("gQ==")


async def test_classic_tokens_are_fetched_by_get() -> None:
    client, transport = scripted(
        PlatformClient, answer({"access_token": "c", "expires_in": 7200}), token_kind=TokenKind.CLASSIC
    )

    token = await client.fetch_token()

    assert (transport.asked[0].method, transport.asked[0].path) == ("GET", "/cgi-bin/token")
    assert transport.asked[0].query == {
        "appid": CREDENTIALS.app_id,
        "secret": CREDENTIALS.secret,
        "grant_type": "client_credential",
    }
    assert token.value == "c"


async def test_a_refusal_tells_all_it_knows() -> None:
    client, _ = scripted(
        OfficialAccountClient,
        answer(
            {
                "errcode": 45065,
                "errmsg": "clientmsgid exist rid: 5f000000-1a2b3c4d-0000ffff",
                "msg_id": 2247483654,
            }
        ),
    )
    request = mass.ToFilter(
        msgtype="text", text=mass.Text("x"), filter=mass.Filter(is_to_all=True), clientmsgid="send-1"
    )

    with pytest.raises(PlatformRefusal) as caught:
        await client.call(mass.SEND_TO_ALL, request)

    error = caught.value
    assert (error.rid, error.action) == ("5f000000-1a2b3c4d-0000ffff", Action.GIVE_UP)
    assert error.fields == {"msg_id": 2247483654}
    assert mass.sent_before(error) == 2247483654


async def test_the_other_form_of_an_outcome_is_understood() -> None:
    client, _ = scripted(PlatformClient, answer({"base_resp": {"ret": 45009, "err_msg": "freq"}}))

    with pytest.raises(QuotaExceeded) as caught:
        await client.call(menu.DELETE, Nothing())
    assert (caught.value.errcode, caught.value.errmsg) == (45009, "freq")


def test_a_mass_message_without_its_branch_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs images"):
        mass.ToFilter(msgtype="image", text=mass.Text("x"), filter=mass.Filter(is_to_all=True))


@pytest.mark.parametrize(
    "reply", [{"content": "谢谢", "create_time": 1}, [{"content": "谢谢", "create_time": 1}], [], None]
)
async def test_the_answer_to_a_comment_in_all_its_forms(reply: object) -> None:
    comment = {"user_comment_id": "12", "content": "好", **({} if reply is None else {"reply": reply})}
    client, _ = scripted(PlatformClient, answer({"total": 1, "comment": [comment]}))

    listed = await client.call(comments.LIST, comments.ListRequest(msg_data_id=1, begin=0, count=10, type=0))

    expected = comments.Reply("谢谢", 1) if reply else None
    assert listed.comment[0].answer == expected
    assert listed.comment[0].user_comment_id == 12


@pytest.mark.parametrize("spelling", ["is_deleted", "is_delete"])
async def test_a_deleted_article_in_both_spellings(spelling: str) -> None:
    client, _ = scripted(PlatformClient, answer({"news_item": [{"title": "T", spelling: 1}]}))

    got = await client.call(publishing.ARTICLE, publishing.ArticleRequest(article_id="A"))

    assert got.news_item[0].is_gone


async def test_who_has_no_menu_rule_differs_from_who_matches_tag_0() -> None:
    client, transport = scripted(PlatformClient, answer({"menuid": "429680901"}))
    button = (menu.Button(name="茶", type="view", url="https://example.com"),)

    made = await client.call(
        menu.CREATE_CONDITIONAL,
        menu.CreateConditionalRequest(button=button, matchrule=menu.MatchRule(tag_id=2)),
    )

    assert made.menuid == 429680901
    assert transport.asked[0].json == {
        "button": [{"name": "茶", "type": "view", "url": "https://example.com"}],
        "matchrule": {"tag_id": 2},
    }


@pytest.mark.parametrize(("errcode", "valid"), [(0, True), (87009, False), (87007, False)])
async def test_whether_a_session_lives(errcode: int, valid: bool) -> None:
    client, transport = scripted(MiniProgramClient, answer({"errcode": errcode, "errmsg": "x"}))

    assert await client.is_session_valid("o1", "key") is valid
    assert transport.asked[0].query["signature"] == login.session_signature("key")
    assert "key" not in transport.asked[0].query.values(), "the key itself is never sent"


async def test_each_kind_of_code_has_its_call() -> None:
    client, transport = scripted(MiniProgramClient, Received(200, JPEG, "image/jpeg"))

    for request in (
        codes.LimitedRequest(path="p?a=1"),
        codes.UnlimitedRequest(scene="a=1", check_path=False),
        codes.QrCodeRequest(path="p"),
    ):
        assert (await client.code_image(request)).content == JPEG

    assert [asked.path for asked in transport.asked] == [
        "/wxa/getwxacode",
        "/wxa/getwxacodeunlimit",
        "/cgi-bin/wxaapp/createwxaqrcode",
    ]
    assert transport.asked[1].json == {"scene": "a=1", "check_path": False}


async def test_followers_are_paged_until_the_empty_page() -> None:
    client, transport = scripted(
        OfficialAccountClient,
        answer({"total": 3, "count": 2, "data": {"openid": ["a", "b"]}, "next_openid": "b"}),
        answer({"total": 3, "count": 1, "data": {"openid": ["c"]}, "next_openid": "c"}),
        answer({"total": 3, "count": 0, "next_openid": ""}),
    )

    pages = [page.data.openid async for page in client.follower_pages()]

    assert pages == [("a", "b"), ("c",)]
    assert [asked.query.get("next_openid", "") for asked in transport.asked] == ["", "b", "c"]
