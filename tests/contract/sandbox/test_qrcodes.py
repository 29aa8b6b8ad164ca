"""QR codes with a scene, and short keys."""

import io
from typing import Any

import pytest
from PIL import Image

from contract.sandbox.rig import Rig

CREATE = "/cgi-bin/qrcode/create"


def code_body(action: str, **scene: Any) -> dict[str, Any]:
    return {"action_name": action, "action_info": {"scene": scene}}


async def test_a_temporary_code_leads_to_a_follow_and_then_to_scans(rig: Rig) -> None:
    body = code_body("QR_STR_SCENE", scene_str="2024") | {"expire_seconds": 600}
    made = await rig.ask(CREATE, body)
    assert set(made) == {"ticket", "expire_seconds", "url"}
    assert made["ticket"].startswith("gQ")
    assert made["ticket"].endswith("==")
    assert made["url"].startswith("http://weixin.qq.com/q/")
    await rig.act(0, "scan", ticket=made["ticket"])
    await rig.act(0, "scan", url=made["url"])
    [subscribed] = await rig.events("subscribe")
    [scanned] = await rig.events("SCAN")
    assert (subscribed["EventKey"], subscribed["Ticket"]) == ("qrscene_2024", made["ticket"])
    assert (scanned["EventKey"], scanned["Ticket"]) == ("2024", made["ticket"])
    info = await rig.ask("/cgi-bin/user/info", openid=rig.openid(0))
    # A text stays a text, though it looks like a number.
    assert (info["qr_scene"], info["qr_scene_str"], info["subscribe_scene"]) == (
        0,
        "2024",
        "ADD_SCENE_QR_CODE",
    )
    rig.clock.advance(600)
    status, _ = await rig.request("POST", "/sandbox/people/1/scan", json={"ticket": made["ticket"]})
    assert status == 404
    assert (await rig.fetch("/cgi-bin/showqrcode", ticket=made["ticket"]))[0] == 404


async def test_a_permanent_code_is_the_same_each_time(rig: Rig) -> None:
    first = await rig.ask(CREATE, code_body("QR_LIMIT_SCENE", scene_id=12))
    assert set(first) == {"ticket", "url"}
    assert await rig.ask(CREATE, code_body("QR_LIMIT_SCENE", scene_id=12)) == first
    assert await rig.ask(CREATE, code_body("QR_LIMIT_STR_SCENE", scene_str="12")) != first
    rig.clock.advance(40 * 86400)
    await rig.act(0, "scan", ticket=first["ticket"])
    info = await rig.ask("/cgi-bin/user/info", openid=rig.openid(0))
    assert (info["qr_scene"], info["qr_scene_str"]) == (12, "")


async def test_the_image_is_a_jpeg(rig: Rig) -> None:
    made = await rig.ask(CREATE, code_body("QR_SCENE", scene_id=7))
    assert made["expire_seconds"] == 60
    status, content, headers = await rig.fetch("/cgi-bin/showqrcode", ticket=made["ticket"])
    assert (status, headers["Content-Type"]) == (200, "image/jpg")
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (430, 430))
    assert (await rig.fetch("/cgi-bin/showqrcode", ticket="gQnone=="))[0] == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (code_body("QR_OTHER", scene_id=1), 40052),
        (code_body("QR_SCENE", scene_id=0), 40053),
        (code_body("QR_SCENE", scene_id=2**32), 40053),
        (code_body("QR_LIMIT_SCENE", scene_id=100_001), 40053),
        (code_body("QR_STR_SCENE", scene_str=""), 40053),
        (code_body("QR_STR_SCENE", scene_str="长" * 65), 40053),
        (code_body("QR_SCENE", scene_id=1) | {"expire_seconds": 2_592_001}, 40053),
        ({"action_name": "QR_SCENE"}, 40053),
    ],
)
async def test_what_cannot_be_a_code(rig: Rig, body: dict[str, Any], code: int) -> None:
    assert await rig.code(CREATE, body) == code


async def test_only_certified_service_accounts_make_codes(rig: Rig) -> None:
    await rig.control("PUT", f"/accounts/{rig.account.appid}", {"certified": False})
    assert await rig.code(CREATE, code_body("QR_SCENE", scene_id=1)) == 48001
    await rig.control("PUT", f"/accounts/{rig.account.appid}", {"certified": True, "kind": "subscription"})
    assert await rig.code(CREATE, code_body("QR_SCENE", scene_id=1)) == 48001


async def test_short_keys_stand_for_long_data_until_they_end(rig: Rig) -> None:
    made = await rig.ask("/cgi-bin/shorten/gen", {"long_data": "茶" * 1000, "expire_seconds": 86400})
    assert len(made["short_key"]) == 15
    rig.clock.advance(400)
    read = await rig.ask("/cgi-bin/shorten/fetch", {"short_key": made["short_key"]})
    assert (read["long_data"], read["expire_seconds"]) == ("茶" * 1000, 86000)
    rig.clock.advance(86000)
    assert await rig.code("/cgi-bin/shorten/fetch", {"short_key": made["short_key"]}) == 40035
    assert await rig.code("/cgi-bin/shorten/gen", {"long_data": "茶" * 1366}) == 40035


async def test_a_short_address_leads_to_the_long_one(rig: Rig) -> None:
    body = {"action": "long2short", "long_url": "https://shop.example/?a=1"}
    short = (await rig.ask("/cgi-bin/shorturl", body))["short_url"]
    status, _, headers = await rig.fetch(short.removeprefix("https://w.url.cn"))
    assert (status, headers["Location"]) == (302, "https://shop.example/?a=1")
    assert (await rig.fetch("/s/nothing"))[0] == 404
