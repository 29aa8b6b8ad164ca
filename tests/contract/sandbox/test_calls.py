"""API calls as a client sees them: credentials, users, quotas, errors."""

import re

import pytest

from contract.sandbox.rig import START, Rig
from wechat_sandbox.endpoints import users
from wechat_sandbox.relations import FollowScene

RID = re.compile(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$")


async def test_a_classic_token_opens_calls_and_the_one_before_rolls_over(rig: Rig) -> None:
    query = {"grant_type": "client_credential", "appid": rig.account.appid, "secret": rig.account.secret}
    first = await rig.get("/cgi-bin/token", **query)
    assert first["expires_in"] == 7200
    assert "errcode" not in first
    second = await rig.get("/cgi-bin/token", **query)
    rig.clock.advance(299)
    assert "ip_list" in await rig.get("/cgi-bin/getcallbackip", access_token=first["access_token"])
    rig.clock.advance(1)
    superseded = await rig.get("/cgi-bin/getcallbackip", access_token=first["access_token"])
    assert superseded["errcode"] == 40001
    assert superseded["errmsg"].startswith("invalid credential, access_token is invalid or not latest")
    assert RID.search(superseded["errmsg"])
    rig.clock.advance(6900)
    expired = await rig.get("/cgi-bin/getcallbackip", access_token=second["access_token"])
    assert expired["errcode"] == 42001


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "other"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "0" * 32}, 40125),
    ],
)
async def test_wrong_credentials_are_named(rig: Rig, changes: dict[str, str], code: int) -> None:
    asked = {"grant_type": "client_credential", "appid": rig.account.appid, "secret": rig.account.secret}
    assert (await rig.get("/cgi-bin/token", **(asked | changes)))["errcode"] == code
    assert (await rig.post("/cgi-bin/stable_token", asked | changes))["errcode"] == code


async def test_the_stable_token_counts_down_and_can_be_forced(rig: Rig) -> None:
    first = await rig.token()
    rig.clock.advance(6855)
    asked = {"grant_type": "client_credential", "appid": rig.account.appid, "secret": rig.account.secret}
    again = await rig.post("/cgi-bin/stable_token", asked)
    assert again == {"access_token": first, "expires_in": 345}
    forced = await rig.post("/cgi-bin/stable_token", asked | {"force_refresh": True})
    assert (await rig.get("/cgi-bin/user/get", access_token=first))["errcode"] == 40001
    assert (await rig.get("/cgi-bin/user/get", access_token=forced["access_token"]))["total"] == 0
    assert (await rig.post("/cgi-bin/stable_token", asked | {"force_refresh": True}))["errcode"] == 45011


async def test_the_order_of_checks_is_path_token_verb_body(rig: Rig) -> None:
    token = await rig.token()
    path = "/cgi-bin/message/custom/send"
    assert (await rig.get("/cgi-bin/no/such/call"))["errcode"] == 40066
    assert (await rig.get(path))["errcode"] == 41001
    assert (await rig.get(path, access_token="nonsense"))["errcode"] == 40014
    assert (await rig.get(path, access_token=token))["errcode"] == 43002
    assert (await rig.post("/cgi-bin/user/info", {}, access_token=token))["errcode"] == 43001
    assert (await rig.post(path, raw=b"", access_token=token))["errcode"] == 44002
    assert (await rig.post(path, raw=b"{", access_token=token))["errcode"] == 47001
    assert (await rig.post(path, raw=b"[1]", access_token=token))["errcode"] == 47001
    assert await rig.request("GET", "/elsewhere") == (404, None)


async def test_a_voided_token_is_not_the_latest(rig: Rig) -> None:
    token = await rig.token()
    await rig.control("POST", f"/accounts/{rig.account.appid}/void-tokens")
    assert (await rig.get("/cgi-bin/user/get", access_token=token))["errcode"] == 40001
    assert (await rig.get("/cgi-bin/user/get", access_token=await rig.token()))["total"] == 0


async def test_user_info_tells_followers_from_others(rig: Rig) -> None:
    token = await rig.token()
    rig.world.follow(rig.account, 3, START, scene=FollowScene.QR_CODE, qr_scene="store_1")
    follower = await rig.get("/cgi-bin/user/info", access_token=token, openid=rig.openid(3), lang="zh_CN")
    unionid = rig.world.get_relation(rig.account, 3).unionid
    assert follower == {
        "subscribe": 1, "openid": rig.openid(3), "nickname": "", "sex": 0, "language": "zh_CN", "city": "",
        "province": "", "country": "", "headimgurl": "", "subscribe_time": int(START), "unionid": unionid,
        "remark": "", "groupid": 0, "tagid_list": [], "subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 0,
        "qr_scene_str": "store_1",
    }  # fmt: skip
    stranger = await rig.get("/cgi-bin/user/info", access_token=token, openid=rig.openid(4))
    assert set(stranger) == {"subscribe", "openid", "unionid"}
    assert stranger["subscribe"] == 0
    assert (await rig.get("/cgi-bin/user/info", access_token=token, openid="oNobody"))["errcode"] == 40003
    assert (await rig.get("/cgi-bin/user/info", access_token=token))["errcode"] == 41009


async def test_batches_of_user_info_hold_at_most_a_hundred(rig: Rig) -> None:
    token = await rig.token()
    path = "/cgi-bin/user/info/batchget"
    wanted = [{"openid": rig.openid(person), "lang": "zh_CN"} for person in range(40)]
    answer = await rig.post(path, {"user_list": wanted}, access_token=token)
    assert [item["openid"] for item in answer["user_info_list"]] == [item["openid"] for item in wanted]
    assert (await rig.post(path, {"user_list": wanted * 3}, access_token=token))["errcode"] == 40032
    assert (await rig.post(path, {"user_list": []}, access_token=token))["errcode"] == 40031
    unknown = await rig.post(path, {"user_list": [*wanted, {"openid": "oX"}]}, access_token=token)
    assert unknown["errcode"] == 40003


async def test_the_follower_list_pages_to_an_empty_end(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "PAGE_MAX", 4)
    token = await rig.token()
    for person in range(6):
        rig.world.follow(rig.account, person, START + person, scene=FollowScene.SEARCH)
    first = await rig.get("/cgi-bin/user/get", access_token=token)
    assert (first["total"], first["count"]) == (6, 4)
    assert first["data"]["openid"] == [rig.openid(person) for person in range(4)]
    assert first["next_openid"] == rig.openid(3)
    rig.world.unfollow(rig.account, 3, START + 10)  # Leaving between pages loses nobody else.
    second = await rig.get("/cgi-bin/user/get", access_token=token, next_openid=first["next_openid"])
    assert second["data"]["openid"] == [rig.openid(4), rig.openid(5)]
    end = await rig.get("/cgi-bin/user/get", access_token=token, next_openid=second["next_openid"])
    assert end == {"total": 5, "count": 0, "next_openid": ""}


async def test_quotas_are_counted_and_cleared(rig: Rig) -> None:
    token = await rig.token()
    path = "/cgi-bin/user/get"
    for _ in range(500):
        assert "total" in await rig.get(path, access_token=token)
    assert (await rig.get(path, access_token=token))["errcode"] == 45009
    asked = await rig.post("/cgi-bin/openapi/quota/get", {"cgi_path": path}, access_token=token)
    assert asked["quota"] == {"daily_limit": 500, "used": 500, "remain": 0}
    appid = {"appid": rig.account.appid}
    assert (await rig.post("/cgi-bin/clear_quota", appid, access_token=token))["errcode"] == 0
    assert "total" in await rig.get(path, access_token=token)
    by_secret = appid | {"appsecret": rig.account.secret}
    for _ in range(9):
        assert (await rig.post("/cgi-bin/clear_quota/v2", by_secret))["errcode"] == 0
    status, body = await rig.request("POST", "/cgi-bin/clear_quota/v2", params=by_secret)
    assert (status, body["errcode"]) == (200, 48006)
    missing = await rig.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/no"}, access_token=token)
    assert missing["errcode"] == 76021


async def test_a_failed_call_can_be_looked_up_by_its_rid(rig: Rig) -> None:
    token = await rig.token()
    failed = await rig.get("/cgi-bin/user/info", access_token=token, openid="oNobody")
    rid = failed["errmsg"].rpartition(" ")[2]
    found = await rig.post("/cgi-bin/openapi/rid/get", {"rid": rid}, access_token=token)
    assert found["request"]["request_url"] == "/cgi-bin/user/info"
    unknown = await rig.post(
        "/cgi-bin/openapi/rid/get", {"rid": "00000000-00000000-00000000"}, access_token=token
    )
    assert unknown["errcode"] == 76001
    assert (await rig.post("/cgi-bin/openapi/rid/get", {"rid": "x"}, access_token=token))["errcode"] == 76002
