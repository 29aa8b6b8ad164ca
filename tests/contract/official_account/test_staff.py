"""Customer-service accounts, sessions, records, typing and industries, over the wire."""

import time

import pytest

from contract.official_account.pictures import jpeg
from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.calls import Nothing
from quanyu.wechat.common import custom_messages, management
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account import service_staff, template_messages
from quanyu.wechat.official_account.client import OfficialAccountClient


async def hire(client: OfficialAccountClient, sandbox: Sandbox, name: str, person: int) -> str:
    account = f"{name}@{sandbox.account['original_id']}"
    await client.call(service_staff.ADD, service_staff.StaffRequest(kf_account=account, nickname="小安"))
    invite = service_staff.InviteRequest(kf_account=account, invite_wx=f"tea_{person:06d}")
    await client.call(service_staff.INVITE, invite)
    await sandbox.control("POST", f"/people/{person}/answer-invitation", {"accept": True})
    await sandbox.control("POST", f"/accounts/{client.app_id}/kf/{account}/online", {"online": True})
    return account


async def test_staff_is_taken_on_and_let_go(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    account = await hire(client, sandbox, "anna", 30)
    await client.call(service_staff.UPDATE, service_staff.StaffRequest(kf_account=account, nickname="安安"))
    await client.call(
        service_staff.SET_PORTRAIT, service_staff.PortraitRequest(kf_account=account, media=jpeg())
    )

    (one,) = (await client.call(service_staff.LIST, Nothing())).kf_list
    (online,) = (await client.call(service_staff.ONLINE, Nothing())).kf_online_list

    assert (one.kf_account, one.kf_nick, one.kf_id) == (account, "安安", online.kf_id)
    assert one.kf_headimgurl.startswith("http")
    assert (online.status, online.accepted_case) == (1, 0)
    admin = service_staff.AdminRequest(kf_openid=one.kf_openid)
    await client.call(service_staff.SET_ADMIN, admin)
    await client.call(service_staff.UNSET_ADMIN, admin)

    await client.call(service_staff.DELETE, service_staff.StaffAccountRequest(kf_account=account))
    assert (await client.call(service_staff.LIST, Nothing())).kf_list == ()


async def test_a_session_is_opened_kept_in_the_log_and_closed(
    client: OfficialAccountClient, sandbox: Sandbox
) -> None:
    account = await hire(client, sandbox, "anna", 30)
    openid = await sandbox.follow(0)
    session = service_staff.SessionRequest(kf_account=account, openid=openid)
    began_at = int(time.time())

    await client.call(service_staff.OPEN_SESSION, session)
    await sandbox.say(0, "能退吗")
    await sandbox.control(
        "POST", f"/accounts/{client.app_id}/kf/{account}/say", {"person": 0, "text": "可以"}
    )

    person = service_staff.PersonRequest(openid=openid)
    assert (await client.call(service_staff.SESSION, person)).kf_account == account
    served = await client.call(service_staff.SESSIONS, service_staff.StaffAccountRequest(kf_account=account))
    assert [one.openid for one in served.sessionlist] == [openid]
    assert (await client.call(service_staff.WAITING, Nothing())).count == 0
    log = await client.call(
        service_staff.RECORDS,
        service_staff.RecordsRequest(
            starttime=began_at - 60, endtime=int(time.time()) + 60, msgid=1, number=100
        ),
    )
    assert [(one.opercode, one.text) for one in log.recordlist] == [(2003, "能退吗"), (2002, "可以")]

    await client.call(service_staff.CLOSE_SESSION, session)
    assert (await client.call(service_staff.SESSION, person)).kf_account == ""


async def test_typing_is_shown_to_who_was_just_here(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    openid = await sandbox.follow(0)
    await sandbox.say(0, "在吗")

    await client.typing(openid, is_typing=True)
    with pytest.raises(PlatformRefusal) as caught:
        await client.typing(openid, is_typing=True)
    assert caught.value.errcode == 45081
    await client.typing(openid, is_typing=False)


async def test_the_industry_is_set_once_a_month(client: OfficialAccountClient) -> None:
    request = template_messages.SetIndustryRequest(industry_id1="1", industry_id2="2")
    await client.call(template_messages.SET_INDUSTRY, request)

    industry = await client.call(template_messages.INDUSTRY, Nothing())

    assert industry.primary_industry.first_class
    assert industry.secondary_industry.second_class
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(
            template_messages.SET_INDUSTRY,
            template_messages.SetIndustryRequest(industry_id1="3", industry_id2="4"),
        )
    assert caught.value.errcode == 43100


async def test_nothing_was_held_back(client: OfficialAccountClient) -> None:
    answer = await client.call(
        template_messages.BLOCKED,
        template_messages.BlockedRequest(tmpl_msg_id="1", largest_id=0, limit=10),
    )

    assert not answer.msginfo


async def test_the_way_to_our_callback_is_probed(client: OfficialAccountClient, sandbox: Sandbox) -> None:
    path = f"/accounts/{client.app_id}"
    request = management.CallbackCheckRequest(action="all", check_operator="DEFAULT")
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(management.CALLBACK_CHECK, request)
    assert caught.value.errcode == 40201

    await sandbox.control("PUT", path, {"callback_url": "http://127.0.0.1:9/callback"})
    try:
        found = await client.call(management.CALLBACK_CHECK, request)
    finally:
        await sandbox.control("PUT", path, {"callback_url": ""})

    assert [one.ip for one in found.dns] == ["127.0.0.1"]
    assert [one.ip for one in found.ping] == ["127.0.0.1"]
    assert found.ping[0].package_loss.endswith("%")


async def test_the_count_of_one_call_is_cleared(client: OfficialAccountClient) -> None:
    path = "/cgi-bin/template/get_all_private_template"
    await client.templates()
    assert (await client.quota(path)).quota.used > 0

    await client.call(management.CLEAR_CALL_QUOTA, management.QuotaRequest(cgi_path=path))

    assert (await client.quota(path)).quota.used == 0


def test_a_command_is_what_the_platform_spells() -> None:
    assert [one.value for one in custom_messages.TypingCommand] == ["Typing", "CancelTyping"]
