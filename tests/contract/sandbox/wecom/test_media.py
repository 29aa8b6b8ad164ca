"""Files of a company."""

import hashlib

from aiohttp import web

from contract.sandbox.wecom.corp import AGENT, HOST, Company, Hooks
from wechat_sandbox.state.wecom.corp import agent_scope
from wechat_sandbox.wire.samples import film, picture, voice

APP = agent_scope(AGENT)


async def test_a_temporary_file_lasts_three_days_for_all_apps(company: Company) -> None:
    content = picture(1)
    sent = await company.upload("/media/upload", content, filename="a.jpg", type="image")
    assert (sent["errmsg"], sent["type"]) == ("", "image")
    assert sent["created_at"] == str(int(company.rig.clock.now()))
    query = {"media_id": sent["media_id"], "access_token": await company.token(APP)}
    path = f"/{HOST}/cgi-bin/media/get"
    async with company.rig.client.get(path, params=query) as answer:
        assert (answer.status, await answer.read(), answer.content_type) == (200, content, "image/jpeg")
        assert answer.headers["Content-disposition"] == 'attachment; filename="a.jpg"'
    async with company.rig.client.get(path, params=query, headers={"Range": "bytes=2-5"}) as answer:
        assert (answer.status, await answer.read()) == (206, content[2:6])
        assert answer.headers["Content-Range"] == f"bytes 2-5/{len(content)}"
    company.rig.clock.advance(3 * 86_400)
    assert await company.code("/media/get", media_id=sent["media_id"]) == 40007
    assert await company.code("/media/get") == 41006


async def test_what_is_wrong_with_a_file_is_named(company: Company) -> None:
    async def code(content: bytes, kind: str) -> int:
        return int((await company.upload("/media/upload", content, filename="x", type=kind))["errcode"])

    assert await code(picture(1), "thumb") == 40004
    assert await code(b"", "image") == 44001
    assert await code(b"tiny", "file") == 40006
    assert await code(b"plain text", "image") == 40005
    assert await code(picture(1), "voice") == 40005
    assert await code(voice(63), "voice") == 45007
    assert await code(voice(2), "voice") == 0
    assert await code(film(), "video") == 0
    assert await code(b"x" * (20 * 2**20 + 1), "file") == 45001
    assert await company.code("/media/upload", {}, type="image") == 41005


async def test_pictures_for_content_have_an_address_and_a_quota(company: Company) -> None:
    sent = await company.upload("/media/uploadimg", picture(1), filename="a.jpg")
    path = sent["url"].removeprefix(company.rig.sandbox.url)
    status, content, _ = await company.rig.fetch(path)
    assert (status, content) == (200, picture(1))
    assert (await company.upload("/media/uploadimg", voice(1), filename="a"))["errcode"] == 40005
    key = f"picture:86400:{company.corp.corpid}"
    company.rig.sandbox.corp_desk.paces.fill(key, at=company.rig.clock.now(), seconds=86_400, limit=1000)
    assert (await company.upload("/media/uploadimg", picture(1), filename="a.jpg"))["errcode"] == 45009


async def test_attachments_say_when_as_a_number(company: Company) -> None:
    query = {"media_type": "image", "attachment_type": "1"}
    sent = await company.upload("/media/upload_attachment", picture(1), filename="a.jpg", **query)
    assert sent["created_at"] == int(company.rig.clock.now())
    bad = await company.upload("/media/upload_attachment", picture(1), filename="a.jpg", media_type="image")
    assert bad["errcode"] == 41080


async def test_a_file_is_fetched_by_address(company: Company, hooks: Hooks) -> None:
    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=film())

    app = web.Application()
    app.router.add_get("/film.mp4", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/film.mp4"
    try:
        body = {
            "scene": 1, "type": "video", "filename": "film.mp4", "url": url,
            "md5": hashlib.md5(film(), usedforsecurity=False).hexdigest(),
        }  # fmt: skip
        await company.control("PUT", f"/callbacks/{AGENT}", {"url": f"{hooks.url}/{APP}"})
        good = (await company.ok("/media/upload_by_url", body, by=APP))["jobid"]
        bad = (await company.ok("/media/upload_by_url", body | {"md5": "0" * 32}, by=APP))["jobid"]
        gone = (await company.ok("/media/upload_by_url", body | {"url": f"{url}.no"}, by=APP))["jobid"]
        events = await company.events("upload_media_job_finish", scope=APP)
    finally:
        await runner.cleanup()
    assert {event["JobId"] for event in events} == {good, bad, gone}
    done = await company.ok("/media/get_upload_by_url_result", {"jobid": good}, by=APP)
    assert (done["status"], done["detail"]["errcode"]) == (2, 0)
    assert len(done["detail"]["media_id"]) > 20
    for jobid in (bad, gone):
        failed = await company.ok("/media/get_upload_by_url_result", {"jobid": jobid}, by=APP)
        assert failed["status"] == 3
    assert await company.code("/media/upload_by_url", {"scene": 2}, by=APP) == 40058
