"""Login codes, session keys, phone numbers, sealed data."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from contract.sandbox.mini_program.mini import Mini
from wechat_sandbox.crowd.people import make_person


async def exchange(mini: Mini, code: str, **changes: str) -> dict[str, Any]:
    query = {
        "appid": mini.account.appid,
        "secret": mini.account.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    return await mini.rig.get("/sns/jscode2session", **(query | changes))


async def log_in(mini: Mini, person: int) -> dict[str, Any]:
    return await exchange(mini, (await mini.act(person, "login"))["code"])


def signed(mini: Mini, person: int, session_key: str) -> dict[str, str]:
    signature = hmac.new(session_key.encode(), b"", hashlib.sha256).hexdigest()
    return {"openid": mini.openid(person), "signature": signature, "sig_method": "hmac_sha256"}


def unseal(data: dict[str, str], session_key: str) -> dict[str, Any]:
    key, iv = base64.b64decode(session_key), base64.b64decode(data["iv"])
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(base64.b64decode(data["encryptedData"])) + decryptor.finalize()
    assert 1 <= padded[-1] <= 16
    return dict(json.loads(padded[: -padded[-1]]))


async def test_a_login_code_works_once_within_five_minutes(mini: Mini) -> None:
    code = (await mini.act(3, "login"))["code"]
    answer = await exchange(mini, code)
    assert set(answer) == {"openid", "session_key", "unionid"}
    assert answer["openid"] == mini.openid(3)
    # The official account of the same open-platform account knows the person by the same unionid.
    assert answer["unionid"] == mini.rig.world.get_relation(mini.rig.account, 3).unionid
    assert answer["openid"] != mini.rig.openid(3)
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert (await exchange(mini, code))["errcode"] == 40163
    late = (await mini.act(3, "login"))["code"]
    mini.rig.clock.advance(300)
    assert (await exchange(mini, late))["errcode"] == 40029


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "client_credential"}, 40002),
        ({"js_code": "nonsense"}, 40029),
    ],
)
async def test_what_is_wrong_with_a_login_is_named(mini: Mini, changes: dict[str, str], code: int) -> None:
    js_code = (await mini.act(3, "login"))["code"]
    assert (await exchange(mini, js_code, **changes))["errcode"] == code
    assert "openid" in await exchange(mini, js_code)  # The code is not used up by a refusal.


async def test_codes_of_one_kind_do_not_pass_for_another(mini: Mini) -> None:
    person = next(n for n in range(60) if make_person(11, n, 60).phone)
    phone_code = (await mini.act(person, "phone-code"))["code"]
    assert (await exchange(mini, phone_code))["errcode"] == 40029
    path = "/wxa/business/getuserphonenumber"
    login_code = (await mini.act(person, "login"))["code"]
    assert await mini.code_of(path, {"code": login_code}) == 40029
    info = (await mini.post(path, {"code": phone_code}))["phone_info"]
    phone = make_person(11, person, 60).phone
    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == (phone, phone, "86")
    assert info["watermark"]["appid"] == mini.account.appid
    assert await mini.code_of(path, {"code": phone_code}) == 40163


async def test_who_never_gives_a_number_gets_no_code(mini: Mini) -> None:
    person = next(n for n in range(60) if not make_person(11, n, 60).phone)
    body = {"appid": mini.account.appid}
    status, _ = await mini.rig.request("POST", f"/sandbox/people/{person}/phone-code", json=body)
    assert status == 400


async def test_a_session_is_checked_and_its_key_replaced(mini: Mini) -> None:
    key = (await log_in(mini, 4))["session_key"]
    good = signed(mini, 4, key)
    assert (await mini.get("/wxa/checksession", **good))["errcode"] == 0
    assert (await mini.get("/wxa/checksession", **(good | {"signature": "0" * 64})))["errcode"] == 87009
    assert (await mini.get("/wxa/checksession", **(good | {"sig_method": "md5"})))["errcode"] == 87008
    assert (await mini.get("/wxa/checksession", **signed(mini, 5, key)))["errcode"] == 87007
    renewed = await mini.get("/wxa/resetusersessionkey", **good)
    assert (renewed["openid"], renewed["session_key"] == key) == (mini.openid(4), False)
    assert (await mini.get("/wxa/checksession", **good))["errcode"] == 87009
    good = signed(mini, 4, renewed["session_key"])
    assert (await mini.get("/wxa/checksession", **good))["errcode"] == 0
    keys = (await mini.get("/wxa/business/getuserencryptkey", **good))["key_info_list"]
    assert len({entry["encrypt_key"] for entry in keys}) == 3
    mini.rig.clock.advance(31 * 86400)
    assert (await mini.get("/wxa/checksession", **good))["errcode"] == 87007


async def test_sealed_data_opens_with_the_session_key_alone(mini: Mini) -> None:
    body = {"appid": mini.account.appid}
    status, _ = await mini.rig.request("POST", "/sandbox/people/6/open-data", json=body)
    assert status == 400  # No session yet.
    session = await log_in(mini, 6)
    sealed = await mini.act(6, "open-data")
    opened = unseal(sealed, session["session_key"])
    assert (opened["openId"], opened["unionId"]) == (session["openid"], session["unionid"])
    assert opened["watermark"] == {"timestamp": int(mini.rig.clock.now()), "appid": mini.account.appid}
    signature = hashlib.sha1((sealed["rawData"] + session["session_key"]).encode()).hexdigest()
    assert sealed["signature"] == signature
    own = await mini.act(6, "open-data", data={"stepInfoList": [{"step": 100}]})
    assert unseal(own, session["session_key"])["stepInfoList"] == [{"step": 100}]
    digest = hashlib.sha256(sealed["encryptedData"].encode()).hexdigest()
    path = "/wxa/business/checkencryptedmsg"
    assert (await mini.post(path, {"encrypted_msg_hash": digest}))["vaild"] is True
    assert await mini.code_of(path, {"encrypted_msg_hash": "0" * 64}) == 1
    mini.rig.clock.advance(3 * 86400)
    assert await mini.code_of(path, {"encrypted_msg_hash": digest}) == 1


async def test_a_person_of_the_highest_risk_cannot_log_in(mini: Mini) -> None:
    await mini.rig.control("PUT", "/people/7/risk", {"appid": mini.account.appid, "rank": 4})
    assert (await log_in(mini, 7))["errcode"] == 40226


async def test_logins_of_one_person_have_a_pace(mini: Mini) -> None:
    for _ in range(100):
        assert "openid" in await log_in(mini, 8)
    assert (await log_in(mini, 8))["errcode"] == 45011
    assert "openid" in await log_in(mini, 9)


async def test_an_account_of_another_kind_may_not_call(mini: Mini) -> None:
    token = await mini.rig.token()
    answer = await mini.rig.post("/wxa/business/getuserphonenumber", {"code": "x"}, access_token=token)
    assert answer["errcode"] == 48001
    query = {"appid": mini.rig.account.appid, "secret": mini.rig.account.secret, "js_code": "x"}
    assert (await mini.rig.get("/sns/jscode2session", **query))["errcode"] == 40013


async def test_a_plugin_knows_people_by_an_id_of_its_own(mini: Mini) -> None:
    ids = []
    for _ in range(2):
        code = (await mini.act(3, "plugin-code"))["code"]
        ids.append((await mini.post("/wxa/getpluginopenpid", {"code": code}))["openpid"])
    assert ids[0] == ids[1] != mini.openid(3)
    assert await mini.code_of("/wxa/getpluginopenpid", {"code": "x"}) == 1003


async def test_a_recent_payment_tells_the_unionid(mini: Mini) -> None:
    order = await mini.act(3, "orders", merchant_id="190", merchant_trade_no="A1")
    query = {"openid": mini.openid(3)}
    by_number = query | {"mch_id": "190", "out_trade_no": "A1"}
    by_transaction = query | {"transaction_id": order["transaction_id"]}
    unionid = mini.rig.world.get_relation(mini.account, 3).unionid
    for names in (by_number, by_transaction):
        assert (await mini.get("/wxa/getpaidunionid", **names))["unionid"] == unionid
    other = by_number | {"openid": mini.openid(4)}
    assert (await mini.get("/wxa/getpaidunionid", **other))["errcode"] == 89300
    mini.rig.clock.advance(300)
    assert (await mini.get("/wxa/getpaidunionid", **by_number))["errcode"] == 89300
