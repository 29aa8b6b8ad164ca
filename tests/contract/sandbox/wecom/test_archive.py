"""The conversation archive: whom it keeps, consent, sealed rows an emulated library reads, files, events."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contract.sandbox.wecom.corp import Company, Hooks
from wechat_sandbox.state.wecom.corp import ARCHIVE

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
DAY = 86_400


def pem_of(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def switch_on(company: Company, **members: int) -> None:
    await company.control("POST", "/archive/keys", {"public_key": pem_of(KEY)})
    body = {"enabled": True, "members": members or {"staff01": 3}}
    await company.control("PUT", "/archive", body)


async def chat_data(company: Company, seq: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    body = {"secret": company.secret(ARCHIVE), "seq": seq, "limit": limit}
    answer = await company.control("POST", "/archive/chat-data", body)
    assert answer["errcode"] == 0
    return list(answer["chatdata"])


async def opened(company: Company, row: dict[str, Any], key: rsa.RSAPrivateKey = KEY) -> dict[str, Any]:
    """Read a row as a client of the native library does."""
    random_key = key.decrypt(base64.b64decode(row["encrypt_random_key"]), padding.PKCS1v15()).decode()
    body = {"random_key": random_key, "encrypt_chat_msg": row["encrypt_chat_msg"]}
    return dict((await company.control("POST", "/archive/decrypt", body))["message"])


async def ask(company: Company, path: str, body: Any) -> Any:
    return await company.ok(f"/msgaudit{path}", body, by=ARCHIVE)


async def code(company: Company, path: str, body: Any) -> int:
    return await company.code(f"/msgaudit{path}", body, by=ARCHIVE)


async def test_what_is_said_to_archived_members_is_kept_sealed(company: Company) -> None:
    await switch_on(company)
    ann = await company.add(1, "staff01")
    await company.add(1, "staff02")
    await company.act(1, "say", "staff01", text="有货吗")
    await company.act(1, "hear", "staff01", text="有")
    await company.act(1, "say", "staff02", text="没人记")
    rows = await chat_data(company)
    assert [row["seq"] for row in rows] == [1, 2]
    assert set(rows[0]) == {"seq", "msgid", "publickey_ver", "encrypt_random_key", "encrypt_chat_msg"}
    messages = [await opened(company, row) for row in rows]
    at = int(company.rig.clock.now() * 1000)
    assert messages[0] == {
        "msgid": rows[0]["msgid"],
        "action": "send",
        "from": ann,
        "tolist": ["staff01"],
        "roomid": "",
        "msgtime": at,
        "msgtype": "text",
        "text": {"content": "有货吗"},
    }
    assert (messages[1]["from"], messages[1]["tolist"]) == ("staff01", [ann])
    assert rows[0]["msgid"].endswith("_external")
    assert await chat_data(company, seq=1, limit=1) == rows[1:]
    company.rig.clock.advance(5 * DAY)
    assert await chat_data(company) == []


async def test_groups_are_kept_with_everybody_who_heard(company: Company) -> None:
    await switch_on(company)
    ann = await company.add(1, "staff01")
    made = await company.control("POST", "/groups", {"owner": "staff01", "name": "群", "customers": ["1"]})
    await company.control("POST", f"/groups/{made['chat_id']}/say", {"who": "1", "text": "大家好"})
    (row,) = await chat_data(company)
    message = await opened(company, row)
    assert (message["roomid"], message["from"], message["tolist"]) == (made["chat_id"], ann, ["staff01"])


async def test_keys_change_and_old_rows_keep_theirs(company: Company) -> None:
    await switch_on(company)
    await company.add(1, "staff01")
    await company.act(1, "say", "staff01", text="一")
    await company.control("POST", "/archive/keys", {"public_key": pem_of(OTHER_KEY)})
    await company.act(1, "say", "staff01", text="二")
    rows = await chat_data(company)
    assert [row["publickey_ver"] for row in rows] == [1, 2]
    assert (await opened(company, rows[0]))["text"]["content"] == "一"
    assert (await opened(company, rows[1], OTHER_KEY))["text"]["content"] == "二"
    where = f"/sandbox/corps/{company.corp.corpid}/archive/keys"
    for wrong in ("nonsense", pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024))):
        assert (await company.rig.request("POST", where, json={"public_key": wrong}))[0] == 400


async def test_the_library_refuses_with_its_own_codes(company: Company) -> None:
    await switch_on(company)
    secret = company.secret(ARCHIVE)
    for path, body, expected in (
        ("chat-data", {"secret": "wrong"}, 10004),
        ("chat-data", {"secret": secret, "limit": 1001}, 10000),
        ("decrypt", {"random_key": "k", "encrypt_chat_msg": "zzz"}, 10006),
        ("decrypt", {"random_key": "k", "encrypt_chat_msg": base64.b64encode(b"x" * 48).decode()}, 10006),
        ("media", {"secret": secret, "sdkfileid": "none"}, 10005),
        ("media", {"secret": secret, "sdkfileid": "x", "indexbuf": "!"}, 10000),
    ):
        answer = await company.control("POST", f"/archive/{path}", body)
        assert answer["errcode"] == expected, (path, body)


async def test_files_come_in_slices(company: Company) -> None:
    await switch_on(company)
    content = bytes(range(256)) * 2700  # More than 512 KB: two slices.
    body = {"from": "staff01", "tolist": ["staff02"], "msgtype": "image"}
    made = await company.control(
        "POST", "/archive/messages", body | {"file": base64.b64encode(content).decode()}
    )
    message = await opened(company, (await chat_data(company))[0])
    assert message["image"] == made["body"]
    ask_for = {"secret": company.secret(ARCHIVE), "sdkfileid": made["body"]["sdkfileid"], "indexbuf": ""}
    whole, slices = b"", 0
    while True:
        answer = await company.control("POST", "/archive/media", ask_for)
        whole, slices = whole + base64.b64decode(answer["data"]), slices + 1
        if answer["is_finish"]:
            break
        ask_for["indexbuf"] = answer["outindexbuf"]
    assert (whole, slices) == (content, 2)


async def test_new_content_is_told_every_fifteen_seconds_at_most(company: Company, hooks: Hooks) -> None:
    await company.control("PUT", "/callbacks/archive", {"url": f"{hooks.url}/{ARCHIVE}"})
    await switch_on(company)
    await company.add(1, "staff01")
    for pause in (1, 13, 1, 0):
        await company.act(1, "say", "staff01", text="在吗")
        company.rig.clock.advance(pause)
    told = await company.events("msgaudit_notify", scope=ARCHIVE)
    assert [one["AgentID"] for one in told] == ["2000004"] * 2


async def test_members_and_consent_are_asked_for(company: Company) -> None:
    assert await code(company, "/get_permit_user_list", {}) == 301053
    await switch_on(company, staff01=3, staff02=1)
    assert (await ask(company, "/get_permit_user_list", {}))["ids"] == ["staff01", "staff02"]
    assert (await ask(company, "/get_permit_user_list", {"type": 1}))["ids"] == ["staff02"]
    ann = await company.add(1, "staff01")
    pair = {"userid": "staff01", "exteranalopenid": ann}
    (row,) = (await ask(company, "/check_single_agree", {"info": [pair]}))["agreeinfo"]
    assert row == pair | {"status_change_time": int(company.rig.clock.now()), "agree_status": "Agree"}
    await company.control("PUT", "/customers/1/archive-consent", {"userid": "staff01", "agreed": False})
    (row,) = (await ask(company, "/check_single_agree", {"info": [pair]}))["agreeinfo"]
    assert row["agree_status"] == "Disagree"
    await company.act(1, "say", "staff01", text="别记")
    assert await chat_data(company) == []  # Who does not agree is not kept.
    made = await company.control("POST", "/groups", {"owner": "staff01", "name": "群", "customers": ["1"]})
    (row,) = (await ask(company, "/check_room_agree", {"roomid": made["chat_id"]}))["agreeinfo"]
    assert (row["exteranalopenid"], row["agree_status"]) == (ann, "Disagree")
    assert await code(company, "/check_single_agree", {"info": [pair] * 101}) == 301060
    assert await code(company, "/check_single_agree", {"info": [pair | {"userid": "x"}]}) == 301061
    assert await code(company, "/groupchat/get", {"roomid": made["chat_id"]}) == 301059
    await company.control("PUT", "/archive", {"expired": True})
    assert await code(company, "/get_permit_user_list", {}) == 301052
    assert await company.code("/msgaudit/get_permit_user_list", {}) == 48002


async def test_rooms_of_colleagues_and_robots(company: Company) -> None:
    await switch_on(company)
    body = {"name": "排班", "creator": "staff01", "members": ["staff01", "staff02"], "notice": "周一"}
    roomid = (await company.control("POST", "/archive/rooms", body))["roomid"]
    room = await ask(company, "/groupchat/get", {"roomid": roomid})
    now = int(company.rig.clock.now())
    assert (room["roomname"], room["creator"], room["room_create_time"]) == ("排班", "staff01", now)
    assert room["members"] == [{"memberid": one, "jointime": now} for one in ("staff01", "staff02")]
    robot = await company.control("POST", "/archive/robots", {"name": "小助手", "creator": "staff01"})
    told = await company.ok("/msgaudit/get_robot_info", None, by=ARCHIVE, robot_id=robot["robot_id"])
    assert told["data"] == {"robot_id": robot["robot_id"], "name": "小助手", "creator_userid": "staff01"}


async def test_a_message_taken_back_is_kept_as_that(company: Company) -> None:
    await switch_on(company)
    await company.control("POST", "/archive/messages", {"from": "staff01", "tolist": ["staff02"], "body": {}})
    msgid = (await chat_data(company))[0]["msgid"]
    body = {"from": "staff01", "tolist": ["staff02"], "msgid": msgid}
    await company.control("POST", "/archive/recalls", body)
    message = await opened(company, (await chat_data(company))[1])
    assert (message["action"], message["revoke"]) == ("recall", {"pre_msgid": msgid})
    assert json.dumps(message)
