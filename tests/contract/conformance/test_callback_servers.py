"""Callback servers written with WeRoBot and wechatpy behind the sandbox: people act, replies reach them."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract.conformance.matching import NUMBER, TEXT, differences
from contract.conformance.platform import Platform
from contract.conformance.program import HERE, executed
from contract.conformance.world import URL, World

SDKS = ("WeRoBot", "wechatpy")
MODES = ("plain", "compatible", "secure")
PLACE = {"latitude": 30.25, "longitude": 120.16, "scale": 16, "label": "西湖"}


@dataclass
class Server:
    """A running callback server, and what it has understood so far."""

    sdk: str
    platform: Platform
    kept: Path
    files: Path

    def understood(self) -> list[dict[str, Any]]:
        World(self.platform, self.files).settle()
        lines = self.kept.read_text(encoding="utf-8").splitlines() if self.kept.exists() else []
        return [json.loads(line) for line in lines]

    def act(self, what: str, **more: Any) -> dict[str, Any]:
        """Let a person act; return what the server understood of it."""
        before = len(self.understood())
        self.platform.control("POST", f"/people/1/{what}", more)
        (found,) = self.understood()[before:]
        return found

    def replies(self) -> list[dict[str, Any]]:
        """Return what came back to the person."""
        World(self.platform, self.files).settle()
        appid = self.platform.shop["appid"]
        lines = self.platform.control("GET", f"/conversations/{appid}/1")["lines"]
        return [line for line in lines if line["direction"] != "from_person"]


@pytest.fixture(scope="module", params=[f"{sdk}-{mode}" for sdk in SDKS for mode in MODES])
def served(
    request: pytest.FixtureRequest, platform: Platform, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server in one mode, verified by the platform."""
    sdk, _, mode = request.param.partition("-")
    kept = tmp_path_factory.mktemp("server") / "understood.jsonl"
    command = [sys.executable, str(HERE / "programs" / "callback_server.py"), sdk, mode, str(kept)]
    with executed(platform, sdk, command) as program:
        assert program.process.stdout is not None
        url = f"http://127.0.0.1:{program.process.stdout.readline().strip()}/wechat"
        changed = platform.control(
            "PUT", f"/accounts/{platform.shop['appid']}", {"callback_url": url, "callback_mode": mode}
        )
        assert changed["verified"] is True
        yield Server(sdk, platform, kept, files)
        platform.control("PUT", f"/accounts/{platform.shop['appid']}", {"callback_url": ""})


@pytest.fixture
def server(served: Server) -> Server:
    """The server, and a person who has just begun to follow."""
    served.platform.forget()
    served.platform.control("POST", "/people/1/follow", {})
    served.understood()
    return served


# What a person does, what WeRoBot and wechatpy understand of it. Names of fields are the SDKs'.
MESSAGES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "say": (
        {"text": "您好 “茶” <b>"},
        {"type": "text", "content": "您好 “茶” <b>", "message_id": NUMBER},
        {"type": "text", "content": "您好 “茶” <b>", "id": NUMBER},
    ),
    "send-image": ({}, {"type": "image", "img": TEXT}, {"type": "image", "image": TEXT, "media_id": TEXT}),
    "send-voice": (
        {"recognition": "你好"},
        {"type": "voice", "media_id": TEXT, "format": "amr", "recognition": "你好"},
        {"type": "voice", "media_id": TEXT, "format": "amr", "recognition": "你好"},
    ),
    "send-video": (
        {"short": True},
        {"type": "shortvideo", "media_id": TEXT, "thumb_media_id": TEXT},
        {"type": "shortvideo", "media_id": TEXT, "thumb_media_id": TEXT},
    ),
    "send-location": (
        PLACE,
        {"type": "location", "location_x": 30.25, "location_y": 120.16, "scale": 16, "label": "西湖"},
        {"type": "location", "location_x": "30.25", "location_y": "120.16", "scale": "16", "label": "西湖"},
    ),
    "send-link": (
        {"title": "春茶", "description": "上市", "url": f"{URL}?a=1&b=2"},
        {"type": "link", "title": "春茶", "description": "上市", "url": f"{URL}?a=1&b=2"},
        {"type": "link", "title": "春茶", "description": "上市", "url": f"{URL}?a=1&b=2"},
    ),
    "scan": (
        {"qr_scene": "store_1"},
        {"type": "scan_event", "key": "store_1", "ticket": TEXT},
        {"type": "scan_event", "scene_id": "store_1", "ticket": TEXT},
    ),
    "unfollow": ({}, {"type": "unsubscribe_event"}, {"type": "unsubscribe_event"}),
    "report-location": (
        {"latitude": 30.25, "longitude": 120.16, "precision": 40},
        {"type": "location_event", "latitude": 30.25, "longitude": 120.16, "precision": 40.0},
        {"type": "location_event", "latitude": 30.25, "longitude": 120.16, "precision": 40.0},
    ),
}


@pytest.mark.parametrize("act", list(MESSAGES))
def test_what_people_do_is_understood(act: str, server: Server) -> None:
    more, by_werobot, by_wechatpy = MESSAGES[act]

    found = server.act(act, **more)

    wanted = by_werobot if server.sdk == "WeRoBot" else by_wechatpy
    relation = World(server.platform, server.files).openid_at(server.platform.shop)
    parties = {"source": relation, "target": server.platform.shop["original_id"], "time": NUMBER}
    assert differences(found, wanted | parties) == []


def test_following_by_a_code_is_told_apart_and_welcomed(server: Server) -> None:
    server.platform.control("POST", "/people/1/unfollow", {})

    found = server.act("follow", qr_scene="store_1")

    wanted = (
        {"type": "subscribe_event", "key": "qrscene_store_1", "ticket": TEXT}
        if server.sdk == "WeRoBot"
        else {"type": "subscribe_scan_event", "scene_id": "store_1", "ticket": TEXT}
    )
    assert differences(found, wanted) == []
    assert differences(server.replies()[-1], {"kind": "passive:text", "body": {"Content": "欢迎"}}) == []


# A menu button, what tapping it brings besides, and what both understand of the event.
BUTTONS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "click": ({"key": "NEW"}, {"key": "NEW"}, {"key": "NEW"}),
    "view": ({"url": URL}, {"key": URL}, {"url": URL}),
    "scancode_push": (
        {"key": "SCAN"},
        {"key": "SCAN", "scan_type": "qrcode", "scan_result": "T-1"},
        {"key": "SCAN", "scan_code_info": {"ScanType": "qrcode", "ScanResult": "T-1"}},
    ),
    "scancode_waitmsg": (
        {"key": "SCAN"},
        {"key": "SCAN", "scan_type": "qrcode", "scan_result": "T-1"},
        {"key": "SCAN", "scan_code_info": {"ScanType": "qrcode", "ScanResult": "T-1"}},
    ),
    "pic_sysphoto": (
        {"key": "PIC"},
        {"key": "PIC", "count": 1},
        {"key": "PIC", "pictures_info": {"Count": "1"}},
    ),
    "pic_photo_or_album": (
        {"key": "PIC"},
        {"key": "PIC", "count": 1},
        {"key": "PIC", "pictures_info": {"Count": "1"}},
    ),
    "pic_weixin": (
        {"key": "PIC"},
        {"key": "PIC", "count": 1},
        {"key": "PIC", "pictures_info": {"Count": "1"}},
    ),
    "location_select": (
        {"key": "PLACE"},
        {"key": "PLACE", "location_x": "30.25", "location_y": "120.16", "label": "西湖"},
        {"key": "PLACE", "location_info": {"Location_X": "30.25", "Location_Y": "120.16", "Label": "西湖"}},
    ),
}


@pytest.mark.parametrize("kind", list(BUTTONS))
def test_taps_on_the_menu_are_understood(kind: str, server: Server) -> None:
    action, by_werobot, by_wechatpy = BUTTONS[kind]
    server.platform.post("/cgi-bin/menu/create", {"button": [{"type": kind, "name": "钮"} | action]})
    before = len(server.understood())

    extra: dict[str, Any] = {"scan_result": "T-1"} if kind.startswith("scancode") else {}
    if kind == "location_select":
        extra = {"place": PLACE}
    server.platform.control("POST", "/people/1/tap", {"button": "钮"} | extra)

    found = next(one for one in server.understood()[before:] if one["type"] == f"{kind}_event")
    assert differences(found, by_werobot if server.sdk == "WeRoBot" else by_wechatpy) == []


def test_the_end_of_a_job_is_understood(server: Server) -> None:
    world = World(server.platform, server.files)
    before = len(server.understood())
    body = {"touser": world.fan, "template_id": world.template["template_id"], "data": world.template_data}
    msgid = server.platform.post("/cgi-bin/message/template/send", body)["msgid"]

    (found,) = server.understood()[before:]

    name = "message_id" if server.sdk == "WeRoBot" else "id"
    assert differences(found, {"type": "templatesendjobfinish_event", "status": "success", name: msgid}) == []


def test_the_end_of_a_mass_message_is_understood(server: Server) -> None:
    world = World(server.platform, server.files)
    fans = world.fans
    before = len(server.understood())
    body = {"touser": fans, "msgtype": "text", "text": {"content": "新茶"}}
    msg_id = server.platform.post("/cgi-bin/message/mass/send", body)["msg_id"]

    (found,) = server.understood()[before:]

    counts = {"total_count": 3, "filter_count": 3, "sent_count": 3, "error_count": 0}
    by_wechatpy = {"type": "masssendjobfinish_event", "id": msg_id, "status": "send success"} | counts
    # WeRoBot has no name for this event, and hands on its number.
    by_werobot = {"type": "masssendjobfinish_event", "message_id": msg_id}
    assert differences(found, by_werobot if server.sdk == "WeRoBot" else by_wechatpy) == []


@pytest.mark.parametrize("word", ["问", "图文", "图片", "语音", "视频"])
def test_every_kind_of_reply_arrives(word: str, server: Server) -> None:
    world = World(server.platform, server.files)
    media = {"图片": "image", "语音": "voice", "视频": "video"}.get(word)
    media_id = getattr(world, media) if media else "一杯茶"

    server.act("say", text=f"{word} {media_id}")

    wanted = {
        "问": ("text", {"Content": f"收到:问 {media_id}"}),
        "图文": ("news", {"Articles": {"item": {"Title": "春茶", "Description": "上市", "Url": URL}}}),
        "图片": ("image", {"Image": {"MediaId": media_id}}),
        "语音": ("voice", {"Voice": {"MediaId": media_id}}),
        "视频": ("video", {"Video": {"MediaId": media_id, "Title": "采茶"}}),
    }[word]
    assert differences(server.replies()[-1], {"kind": f"passive:{wanted[0]}", "body": wanted[1]}) == []


def test_who_is_handed_over_waits_for_the_staff(server: Server) -> None:
    server.act("say", text="客服")
    server.understood()

    waiting = server.platform.get("/customservice/kfsession/getwaitcase")["waitcaselist"]

    person = World(server.platform, server.files).openid_at(server.platform.shop)
    assert [one["openid"] for one in waiting] == [person]


def test_an_empty_answer_says_nothing(server: Server) -> None:
    before = server.replies()

    server.act("say", text="无")

    assert server.replies() == before
    counts = server.platform.control("GET", "/counters")["delivery"]
    assert counts.get("lost", 0) == 0


def test_music_needs_its_picture(server: Server) -> None:
    """WeRoBot writes music without the picture that the platform asks for: its person sees the notice."""
    thumb = World(server.platform, server.files).thumb

    server.act("say", text=f"音乐 {thumb}")

    music = {"Title": "茶歌", "MusicUrl": URL, "HQMusicUrl": f"{URL}?hq", "ThumbMediaId": thumb}
    wanted = {"kind": "passive:music", "body": {"Music": music}}
    notice = {"direction": "note", "body": {"text": "该公众号提供的服务出现故障，请稍后再试"}}
    last = server.replies()[-1]
    assert differences(last, notice if server.sdk == "WeRoBot" else wanted) == []
