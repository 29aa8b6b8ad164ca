"""Tags, the blacklist, remarks, moved openids, parameter codes and short keys, over the wire."""

import pytest

from contract.official_account.pictures import looks_like_jpeg
from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import qr_codes, tags, users
from quanyu.wechat.official_account.client import OfficialAccountClient


async def new_tag(client: OfficialAccountClient, name: str) -> int:
    made = await client.call(tags.CREATE, tags.CreateTagRequest(tag=tags.NewTag(name)))
    assert made.tag.name == name
    return made.tag.id


async def test_a_tag_is_made_renamed_listed_and_removed(client: OfficialAccountClient) -> None:
    tag = await new_tag(client, "茶友")

    await client.call(tags.RENAME, tags.RenameTagRequest(tag=tags.RenamedTag(tag, "老茶友")))
    listed = {one.id: one.name for one in (await client.call(tags.LIST, Nothing())).tags}
    assert listed[tag] == "老茶友"

    await client.call(tags.DELETE, tags.DeleteTagRequest(tag=tags.TagId(tag)))
    assert tag not in {one.id for one in (await client.call(tags.LIST, Nothing())).tags}


async def test_a_name_is_taken_once(client: OfficialAccountClient) -> None:
    await new_tag(client, "茶友")

    with pytest.raises(PlatformRefusal) as caught:
        await new_tag(client, "茶友")
    assert caught.value.errcode == 45157


async def test_people_are_tagged_and_untagged(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = tuple([await sandbox.follow(person) for person in range(3)])
    tag = await new_tag(client, "茶友")

    await client.call(tags.TAG, tags.TaggingRequest(openid_list=openids, tagid=tag))
    await client.call(tags.UNTAG, tags.TaggingRequest(openid_list=openids[:1], tagid=tag))

    tagged = await client.call(tags.TAGGED, tags.TaggedRequest(tagid=tag))
    assert set(tagged.data.openid) == set(openids[1:])
    after = await client.call(tags.TAGGED, tags.TaggedRequest(tagid=tag, next_openid=tagged.next_openid))
    assert (after.count, after.data.openid) == (0, ())
    assert (await client.call(tags.TAGS_OF, tags.TagsOfRequest(openid=openids[1]))).tagid_list == (tag,)
    assert (await client.user_info(openids[1])).tagid_list == (tag,)
    assert (await client.call(tags.LIST, Nothing())).tags[-1].count == 2


async def test_people_are_blocked_and_let_in_again(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openids = tuple([await sandbox.follow(person) for person in range(3)])

    await client.call(tags.BLOCK, tags.BlacklistingRequest(openid_list=openids[:2]))
    blocked = await client.call(tags.BLACKLIST, tags.BlacklistRequest())
    assert (blocked.total, set(blocked.data.openid)) == (2, set(openids[:2]))

    await client.call(tags.UNBLOCK, tags.BlacklistingRequest(openid_list=openids[:2]))
    assert (await client.call(tags.BLACKLIST, tags.BlacklistRequest())).count == 0


async def test_a_remark_is_kept(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(1)

    await client.call(users.SET_REMARK, users.RemarkRequest(openid=openid, remark="爱喝白茶"))

    assert (await client.user_info(openid)).remark == "爱喝白茶"


async def test_openids_move_with_an_account(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    old = (await sandbox.control("POST", "/accounts", {"kind": "service", "name": "旧号"}))["account"]
    openid = await sandbox.follow(1, appid=old["appid"])

    moved = await client.call(
        users.MIGRATE, users.MigrateRequest(from_appid=old["appid"], openid_list=(openid,))
    )

    (one,) = moved.result_list
    assert one.ori_openid == openid
    assert one.new_openid or one.err_msg


@pytest.mark.parametrize(
    ("request_", "lives"),
    [
        (qr_codes.temporary("shop_12", seconds=3600), 3600),
        (qr_codes.temporary(4711, seconds=60), 60),
        (qr_codes.permanent("table_7"), 0),
        (qr_codes.permanent(99), 0),
    ],
)
async def test_a_code_and_its_picture(
    client: OfficialAccountClient, request_: qr_codes.CreateCodeRequest, lives: int
) -> None:
    made = await client.call(qr_codes.CREATE, request_)

    assert made.url.startswith("http://weixin.qq.com/q/")
    assert made.expire_seconds == lives
    assert looks_like_jpeg(await client.qr_code_image(made.ticket))


async def test_an_unknown_ticket_has_no_picture(client: OfficialAccountClient) -> None:
    assert await client.qr_code_image("gQ==") is None


async def test_who_scans_a_code_follows_by_it(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    made = await client.call(qr_codes.CREATE, qr_codes.permanent("shop_12"))

    await sandbox.control("POST", "/people/3/scan", {"ticket": made.ticket})

    (openid,) = (await client.followers()).data.openid
    info = await client.user_info(openid)
    assert (info.subscribe_scene, info.qr_scene_str) == ("ADD_SCENE_QR_CODE", "shop_12")


async def test_long_data_comes_back_by_its_short_key(client: OfficialAccountClient) -> None:
    made = await client.call(
        qr_codes.SHORTEN, qr_codes.ShortenRequest(long_data="门店=上海&桌=7", expire_seconds=600)
    )

    got = await client.call(qr_codes.FETCH, qr_codes.ShortKeyRequest(short_key=made.short_key))

    assert len(made.short_key) == 15
    assert got.long_data == "门店=上海&桌=7"
    assert 0 < got.expire_seconds <= 600
