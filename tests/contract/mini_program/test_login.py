"""Logging in, sessions, phone numbers and what the front end hands over, over the wire."""

import pytest

from contract.mini_program.conftest import MiniProgram
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import login
from quanyu.wechat.mini_program.open_data import OpenDataRefused, decrypt, verify_raw_data


async def test_a_code_opens_a_session_once(mini: MiniProgram) -> None:
    code = (await mini.act(3, "login"))["code"]

    session = await mini.client.log_in(code)

    assert session.openid
    assert session.session_key
    assert session.unionid
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.log_in(code)
    assert caught.value.errcode == 40163


async def test_a_session_is_checked_and_replaced(mini: MiniProgram) -> None:
    session = await mini.logged_in(3)
    assert await mini.client.is_session_valid(session.openid, session.session_key)
    assert not await mini.client.is_session_valid(session.openid, "AAAAAAAAAAAAAAAAAAAAAA==")

    renewed = await mini.client.reset_session(session.openid, session.session_key)

    assert renewed.openid == session.openid
    assert not await mini.client.is_session_valid(session.openid, session.session_key)
    assert await mini.client.is_session_valid(session.openid, renewed.session_key)


async def test_keys_for_encrypting_on_the_way(mini: MiniProgram) -> None:
    session = await mini.logged_in(3)
    signature = login.session_signature(session.session_key)

    keys = await mini.client.call(
        login.ENCRYPT_KEYS, login.SessionRequest(openid=session.openid, signature=signature)
    )

    assert len({key.encrypt_key for key in keys.key_info_list}) == 3


async def test_a_phone_number_is_given_once(mini: MiniProgram) -> None:
    code = await phone_code(mini)

    phone = await mini.client.phone_number(code)

    assert phone.countryCode == "86"
    assert len(phone.purePhoneNumber) == 11
    assert phone.watermark is not None
    assert phone.watermark.appid == mini.account["appid"]
    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.phone_number(code)
    assert caught.value.errcode == 40163


async def phone_code(mini: MiniProgram) -> str:
    """Ask people until one gives a number: not everybody does."""
    for person in range(40):
        try:
            return str((await mini.act(person, "phone-code"))["code"])
        except AssertionError:
            continue
    raise AssertionError("nobody gives a phone number")


async def test_what_the_front_end_hands_over_opens_and_is_vouched_for(mini: MiniProgram) -> None:
    session = await mini.logged_in(3)
    given = await mini.act(3, "open-data")
    app_id = mini.account["appid"]

    verify_raw_data(given["rawData"], signature=given["signature"], session_key=session.session_key)
    opened = decrypt(given["encryptedData"], iv=given["iv"], session_key=session.session_key, app_id=app_id)

    assert (opened["openId"], opened["unionId"]) == (session.openid, session.unionid)
    assert await mini.client.was_encrypted_here(given["encryptedData"])
    assert not await mini.client.was_encrypted_here("AAAA")
    with pytest.raises(OpenDataRefused):
        decrypt(given["encryptedData"], iv=given["iv"], session_key=session.session_key, app_id="wx0")
    other = await mini.logged_in(4)
    with pytest.raises(OpenDataRefused):
        decrypt(given["encryptedData"], iv=given["iv"], session_key=other.session_key, app_id=app_id)


async def test_a_payment_and_a_plugin_tell_who_somebody_is(mini: MiniProgram) -> None:
    session = await mini.logged_in(3)
    await mini.act(3, "orders", merchant_id="190", merchant_trade_no="A1", paid_amount=6800)

    paid = await mini.client.call(
        login.PAID_UNION_ID,
        login.PaidRequest(openid=session.openid, mch_id="190", out_trade_no="A1"),
    )
    code = (await mini.act(3, "plugin-code"))["code"]
    plugin = await mini.client.call(login.PLUGIN_OPEN_PID, login.PluginCodeRequest(code=code))

    assert paid.unionid == session.unionid
    assert plugin.openpid != session.openid
