"""Tokens, quotas, refused requests and the open-platform account, over the wire."""

from datetime import timedelta

import pytest

from contract.official_account.conftest import MemoryTokenStore
from contract.official_account.sandbox_process import Sandbox
from quanyu.kernel.clock import SystemClock
from quanyu.wechat.calls import Nothing
from quanyu.wechat.common import management, open_account
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account.client import OfficialAccountClient, TokenKind
from quanyu.wechat.transport import Transport

LIST = "/cgi-bin/template/get_all_private_template"


async def test_a_stable_token_is_repeated_and_a_forced_one_is_new(client: OfficialAccountClient) -> None:
    first, second = await client.fetch_token(), await client.fetch_token()
    forced = await client.fetch_token(force=True)

    assert first.value == second.value != forced.value
    assert timedelta() < first.expires_at - first.fetched_at <= timedelta(hours=2)


async def test_classic_tokens_serve_as_well(sandbox: Sandbox, transport: Transport) -> None:
    client = OfficialAccountClient(
        transport,
        sandbox.credentials,
        MemoryTokenStore(),
        SystemClock(),
        holder="test",
        token_kind=TokenKind.CLASSIC,
    )

    first, second = await client.fetch_token(), await client.fetch_token()

    assert first.value != second.value
    assert len(await client.templates()) > 0


async def test_addresses(client: OfficialAccountClient) -> None:
    called = await client.call(management.API_ADDRESSES, Nothing())
    calling = await client.call(management.CALLBACK_ADDRESSES, Nothing())

    assert called.ip_list
    assert calling.ip_list


async def test_a_count_goes_up_and_is_cleared(client: OfficialAccountClient) -> None:
    await client.templates()
    before = (await client.quota(LIST)).quota
    await client.templates()
    after = (await client.quota(LIST)).quota

    assert (after.used, after.remain) == (before.used + 1, before.remain - 1)

    await client.call(management.CLEAR_QUOTA, management.ClearQuotaRequest(appid=client.app_id))
    assert (await client.quota(LIST)).quota.used == 0

    await client.templates()
    await client.call(management.CLEAR_QUOTA_BY_SECRET, Nothing())
    assert (await client.quota(LIST)).quota.used == 0


async def test_an_unknown_path_has_no_quota(client: OfficialAccountClient) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await client.quota("/cgi-bin/no/such")
    assert caught.value.errcode == 76021


async def test_a_refused_request_is_found_by_its_rid(client: OfficialAccountClient) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await client.user_info("nobody")
    assert caught.value.rid

    found = await client.call(management.RID, management.RidRequest(rid=caught.value.rid))

    assert "/cgi-bin/user/info" in found.request.request_url
    assert "40003" in found.request.response_body
    with pytest.raises(PlatformRefusal) as caught:
        await client.call(management.RID, management.RidRequest(rid="0" * 8))
    assert caught.value.errcode in (76001, 76002)


async def test_an_account_is_bound_to_an_open_platform_account(client: OfficialAccountClient) -> None:
    app = open_account.AppRequest(appid=client.app_id)
    if (await client.call(open_account.HAS, Nothing())).have_open:
        bound = (await client.call(open_account.GET, app)).open_appid
        await client.call(
            open_account.UNBIND, open_account.BindRequest(appid=client.app_id, open_appid=bound)
        )

    created = (await client.call(open_account.CREATE, app)).open_appid

    assert (await client.call(open_account.GET, app)).open_appid == created
    assert (await client.call(open_account.HAS, Nothing())).have_open
    pair = open_account.BindRequest(appid=client.app_id, open_appid=created)
    await client.call(open_account.UNBIND, pair)
    assert not (await client.call(open_account.HAS, Nothing())).have_open
    await client.call(open_account.BIND, pair)
    assert (await client.call(open_account.GET, app)).open_appid == created
    assert isinstance((await client.call(open_account.SAME_ENTITY, Nothing())).same_entity, bool)
