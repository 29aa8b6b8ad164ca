"""Temporary files and the library."""

import json

import pytest

from contract.sandbox.rig import Rig
from wechat_sandbox.wire import samples

UPLOAD = "/cgi-bin/media/upload"
ADD = "/cgi-bin/material/add_material"
PNG = b"\x89PNG\r\n\x1a\n"
PICTURE = samples.picture(3)


async def test_a_temporary_file_lives_three_days(rig: Rig) -> None:
    made = await rig.upload(UPLOAD, PICTURE, filename="茶.jpg", type="image")
    assert set(made) == {"type", "media_id", "created_at"}
    token = await rig.token()
    query = {"access_token": token, "media_id": made["media_id"]}
    status, content, headers = await rig.fetch("/cgi-bin/media/get", **query)
    assert (status, content, headers["Content-Type"]) == (200, PICTURE, "image/jpeg")
    assert headers["Content-Disposition"] == f'attachment; filename="{made["media_id"]}.jpg"'
    rig.clock.advance(3 * 86_400)
    assert await rig.code("/cgi-bin/media/get", media_id=made["media_id"]) == 40007


async def test_each_kind_of_file(rig: Rig) -> None:
    thumb = await rig.upload(UPLOAD, PICTURE, filename="t.jpg", type="thumb")
    assert set(thumb) == {"type", "thumb_media_id", "created_at"}
    film = await rig.upload(UPLOAD, samples.film(), filename="f.mp4", type="video")
    answer = await rig.ask("/cgi-bin/media/get", media_id=film["media_id"])
    assert set(answer) == {"video_url"}
    status, content, _ = await rig.fetch(answer["video_url"].removeprefix(rig.sandbox.url))
    assert (status, content) == (200, samples.film())
    voice = await rig.upload(UPLOAD, samples.voice(), filename="v.amr", type="voice")
    query = {"access_token": await rig.token(), "media_id": voice["media_id"]}
    status, content, _ = await rig.fetch("/cgi-bin/media/get/jssdk", **query)
    assert (status, content) == (200, samples.voice())
    assert await rig.code("/cgi-bin/media/get/jssdk", media_id=film["media_id"]) == 40007


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("poem", PICTURE, 40004),
        ("image", b"", 44001),
        ("image", b"text", 40005),
        ("image", PNG + b"\0" * 10 * 1024 * 1024, 40009),
        ("voice", b"#!AMR" + b"\0" * 2 * 1024 * 1024, 40010),
        ("voice", PICTURE, 40005),
        ("video", samples.film() + b"\0" * 10 * 1024 * 1024, 40011),
        ("thumb", PICTURE + b"\0" * 64 * 1024, 40012),
        ("thumb", PNG, 40005),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
async def test_what_cannot_be_uploaded(rig: Rig, kind: str, content: bytes, code: int) -> None:
    assert (await rig.upload(UPLOAD, content, filename="x", type=kind))["errcode"] == code
    assert (await rig.upload(ADD, content, filename="x", type=kind))["errcode"] == code


async def test_a_form_without_a_file_and_no_form_at_all(rig: Rig) -> None:
    token = await rig.token()
    for path in (UPLOAD, ADD, "/cgi-bin/media/uploadimg"):
        answer = await rig.post(path, {}, access_token=token, type="image")
        assert answer["errcode"] == 41005


async def test_pictures_for_articles_stay_outside_the_library(rig: Rig) -> None:
    made = await rig.upload("/cgi-bin/media/uploadimg", PICTURE, filename="a.jpg")
    assert set(made) == {"url"}
    assert (await rig.fetch(made["url"].removeprefix(rig.sandbox.url)))[1] == PICTURE
    large = PNG + b"\0" * 1024 * 1024
    assert (await rig.upload("/cgi-bin/media/uploadimg", large, filename="a.png"))["errcode"] == 40009
    assert (await rig.upload("/cgi-bin/media/uploadimg", b"GIF89a", filename="a.gif"))["errcode"] == 40005
    assert (await rig.ask("/cgi-bin/material/get_materialcount"))["image_count"] == 0


async def test_the_library_keeps_lists_and_forgets(rig: Rig) -> None:
    first = await rig.upload(ADD, PICTURE, filename="一.jpg", type="image")
    second = await rig.upload(ADD, PICTURE, filename="二.jpg", type="image")
    assert first["url"].startswith(f"{rig.sandbox.url}/mmbiz_jpg/")
    about = {"title": "制茶", "introduction": "三分钟"}
    film = await rig.upload(
        ADD, samples.film(), filename="f.mp4", texts={"description": json.dumps(about)}, type="video"
    )
    counts = await rig.ask("/cgi-bin/material/get_materialcount")
    assert counts == {"voice_count": 0, "video_count": 1, "image_count": 2, "news_count": 0}
    page = {"type": "image", "offset": 0, "count": 1}
    listed = await rig.ask("/cgi-bin/material/batchget_material", page)
    assert (listed["total_count"], listed["item_count"]) == (2, 1)
    assert (listed["item"][0]["media_id"], listed["item"][0]["name"]) == (second["media_id"], "二.jpg")
    rig.clock.advance(30 * 86_400)
    token = await rig.token()
    _, content, _ = await rig.fetch(
        "/cgi-bin/material/get_material", {"media_id": first["media_id"]}, access_token=token
    )
    assert content == PICTURE
    shown = await rig.ask("/cgi-bin/material/get_material", {"media_id": film["media_id"]})
    assert (shown["title"], shown["description"]) == ("制茶", "三分钟")
    assert await rig.code("/cgi-bin/material/del_material", {"media_id": first["media_id"]}) == 0
    assert await rig.code("/cgi-bin/material/get_material", {"media_id": first["media_id"]}) == 40007
    assert await rig.code("/cgi-bin/material/batchget_material", page | {"count": 21}) == 40097
    assert await rig.code("/cgi-bin/material/batchget_material", page | {"type": "poem"}) == 40004
    untitled = await rig.upload(ADD, samples.film(), filename="f.mp4", type="video")
    assert untitled["errcode"] == 47001


async def test_files_belong_to_one_account(rig: Rig) -> None:
    made = await rig.upload(UPLOAD, PICTURE, filename="a.jpg", type="image")
    other = rig.world.add_account({})
    asked = {"grant_type": "client_credential", "appid": other.appid, "secret": other.secret}
    token = (await rig.post("/cgi-bin/stable_token", asked))["access_token"]
    answer = await rig.get("/cgi-bin/media/get", access_token=token, media_id=made["media_id"])
    assert answer["errcode"] == 40007
