"""Tokens, members, departments, member tags and files, over the wire."""

import pytest

from contract.wecom.corp import Corp
from quanyu.wechat.calls import File, Nothing
from quanyu.wechat.errors import PlatformRefusal, TokenUnavailable
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import credentials, departments, media, member_tags, members
from quanyu.wechat.wecom.client import WeComClient

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


async def test_each_secret_has_a_token_of_its_own(contacts: WeComClient, customers: WeComClient) -> None:
    first, again = await contacts.fetch_token(), await contacts.fetch_token()

    assert first.value == again.value
    assert first.value != (await customers.fetch_token()).value
    # The platform repeats a living token with what is left of its two hours.
    assert 0 < (first.expires_at - first.fetched_at).total_seconds() <= 7200


async def test_a_wrong_secret_is_known_as_one(corp: Corp, transport: Transport) -> None:
    client = corp.client(transport, "app", secret="wrong")

    with pytest.raises(TokenUnavailable) as caught:
        await client.departments()
    assert isinstance(caught.value.__cause__, PlatformRefusal)
    assert caught.value.__cause__.errcode == 40001


async def test_a_token_that_ended_early_is_replaced(corp: Corp, contacts: WeComClient) -> None:
    before = await contacts.departments()
    await corp.control("POST", "/void-tokens")

    assert await contacts.departments() == before


async def test_members_live_in_departments(contacts: WeComClient) -> None:
    shop = await contacts.call(departments.CREATE, departments.CreateRequest(name="旗舰店", parentid=1))
    made = members.CreateRequest(userid="wang01", name="王一", mobile="13712345678", department=(shop.id,))
    await contacts.call(members.CREATE, made)
    await contacts.call(members.UPDATE, members.UpdateRequest(userid="wang01", position="店长"))

    member = await contacts.member("wang01")
    ids = [one async for page in contacts.member_id_pages() for one in page]
    named = {one.id: one for one in await contacts.departments()}

    assert (member.name, member.position, member.department) == ("王一", "店长", (shop.id,))
    assert members.Placed("wang01", shop.id) in ids
    assert (named[shop.id].name, named[shop.id].parentid) == ("旗舰店", 1)
    brief = await contacts.call(members.LIST_BRIEF, members.DepartmentRequest(department_id=shop.id))
    assert [one.userid for one in brief.userlist] == ["wang01"]


async def test_what_the_platform_forbids_has_a_meaning(contacts: WeComClient) -> None:
    shop = await contacts.call(departments.CREATE, departments.CreateRequest(name="店", parentid=1))
    one = members.CreateRequest(userid="wang01", name="王一", mobile="13712345678", department=(shop.id,))
    await contacts.call(members.CREATE, one)

    async def code_of(attempt: object) -> int:
        with pytest.raises(PlatformRefusal) as caught:
            await attempt  # type: ignore[misc]
        assert caught.value.meaning_zh != caught.value.errmsg
        return caught.value.errcode

    assert await code_of(contacts.call(members.CREATE, one)) == 60102
    assert await code_of(contacts.member("nobody")) == 60111
    assert await code_of(contacts.call(departments.DELETE, departments.DepartmentId(id=shop.id))) == 60005
    assert await code_of(contacts.call(departments.DELETE, departments.DepartmentId(id=1))) == 60007


async def test_an_app_may_not_change_the_contacts(app: WeComClient) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(members.DELETE, members.UserId(userid="staff01"))
    assert caught.value.errcode in (48002, 60011)


async def test_member_tags(corp: Corp, contacts: WeComClient) -> None:
    first, second, *_ = await corp.staff()
    tag = await contacts.call(member_tags.CREATE, member_tags.CreateRequest(tagname="金牌"))

    tagged = await contacts.call(
        member_tags.TAG, member_tags.TaggingRequest(tagid=tag.tagid, userlist=(first, second, "nobody"))
    )

    assert tagged.invalidlist == "nobody"
    known = await contacts.call(member_tags.GET, member_tags.TagId(tagid=tag.tagid))
    assert {one.userid for one in known.userlist} == {first, second}
    listed = await contacts.call(member_tags.LIST, Nothing())
    assert member_tags.Tag(tag.tagid, "金牌") in listed.taglist


async def test_files_come_back_as_they_went(app: WeComClient) -> None:
    uploaded = await app.call(
        media.UPLOAD, media.UploadRequest(type="image", media=File(PNG, "a.png", "image/png"))
    )

    got = await app.call(media.DOWNLOAD, media.MediaRequest(media_id=uploaded.media_id))

    assert uploaded.created_at > 1_600_000_000
    assert got.file is not None
    assert got.file.content == PNG
    shown = await app.call(
        media.UPLOAD_IMAGE, media.UploadImageRequest(media=File(PNG, "a.png", "image/png"))
    )
    assert shown.url.startswith("http")
    with pytest.raises(PlatformRefusal) as caught:
        await app.call(media.DOWNLOAD, media.MediaRequest(media_id="nothing"))
    assert caught.value.errcode == 40007


async def test_the_platform_tells_its_addresses(app: WeComClient) -> None:
    assert (await app.call(credentials.CALLBACK_ADDRESSES, Nothing())).ip_list
