"""Content security, risk rank, updatable messages, search."""

import io
from typing import Any

import aiohttp
import pytest

from contract.sandbox.conftest import StartRig
from contract.sandbox.mini_program.mini import Mini

TEXT, MEDIA, RISK = "/wxa/msg_sec_check", "/wxa/media_check_async", "/wxa/getuserriskrank"


def text(mini: Mini, words: str, **changes: Any) -> dict[str, Any]:
    return {"content": words, "version": 2, "scene": 2, "openid": mini.openid(1)} | changes


def media(mini: Mini, url: str, **changes: Any) -> dict[str, Any]:
    made = {"media_url": url, "media_type": 2, "version": 2, "scene": 1, "openid": mini.openid(1)}
    return made | changes


@pytest.mark.parametrize(
    ("content", "suggest", "label", "words"),
    [
        ("这款茶很好喝", "pass", 100, []),
        ("全网最低价", "review", 10001, ["全网最低价"]),
        ("全网最低价，刷单返利", "risky", 20008, ["刷单", "全网最低价"]),
    ],
)
async def test_a_text_is_judged_by_its_worst_word(
    mini: Mini, content: str, suggest: str, label: int, words: list[str]
) -> None:
    await mini.act(1, "visit")
    answer = await mini.post(TEXT, text(mini, content))
    assert answer["result"] == {"suggest": suggest, "label": label}
    model, *found = answer["detail"]
    assert (model["strategy"], model["suggest"]) == ("content_model", suggest)
    assert [entry["keyword"] for entry in found] == words
    assert answer["trace_id"]


async def test_titles_and_names_are_read_too_and_the_first_version_refuses(mini: Mini) -> None:
    await mini.act(1, "visit")
    answer = await mini.post(TEXT, text(mini, "好茶", nickname="毒品"))
    assert answer["result"]["suggest"] == "risky"
    assert await mini.code_of(TEXT, {"content": "色情"}) == 87014
    assert await mini.code_of(TEXT, {"content": "好茶"}) == 0


async def test_only_recent_visitors_are_looked_at(mini: Mini) -> None:
    risk = {"appid": mini.account.appid, "openid": mini.openid(1), "scene": 1, "client_ip": "127.0.0.1"}
    for path, body in ((TEXT, text(mini, "茶")), (MEDIA, media(mini, "http://x/a.jpg")), (RISK, risk)):
        assert await mini.code_of(path, body) == 61010
    await mini.act(1, "visit")
    mini.rig.clock.advance(7199)
    for path, body in ((TEXT, text(mini, "茶")), (MEDIA, media(mini, "http://x/a.jpg")), (RISK, risk)):
        assert await mini.code_of(path, body) == 0
    mini.rig.clock.advance(1)
    assert await mini.code_of(RISK, risk) == 61010


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"openid": "oNobody"}, 40003),
        ({"scene": 9}, 40129),
        ({"content": ""}, 47001),
        ({"content": "茶" * 2501}, 47001),
    ],
)
async def test_what_is_wrong_with_a_check_is_named(mini: Mini, changes: dict[str, Any], code: int) -> None:
    await mini.act(1, "visit")
    assert await mini.code_of(TEXT, text(mini, "茶", **changes)) == code


@pytest.mark.parametrize("notation", ["xml", "json"])
async def test_the_verdict_on_a_file_comes_as_an_event(start_rig: StartRig, notation: str) -> None:
    mini = await Mini.make(await start_rig(), callback_format=notation)
    await mini.act(1, "visit")
    trace_id = (await mini.post(MEDIA, media(mini, "https://cdn.example/risky.jpg")))["trace_id"]
    [event] = await mini.events("wxa_media_check")
    assert (event["trace_id"], event["appid"]) == (trace_id, mini.account.appid)
    assert event["result"]["suggest"] == "risky"
    detail = event["detail"][0] if notation == "json" else event["detail"]
    assert int(detail["label"]) == 20002
    assert await mini.code_of(MEDIA, media(mini, "https://x/a.jpg", media_type=3)) == 40004
    assert await mini.code_of(MEDIA, media(mini, "a.jpg")) == 47001
    codes = [await mini.code_of(MEDIA, media(mini, "https://x/same.jpg")) for _ in range(11)]
    assert codes == [0] * 10 + [87020]


async def test_an_uploaded_picture_is_judged_at_once(mini: Mini) -> None:
    for name, size, code in (("a.jpg", 10, 0), ("risky.jpg", 10, 87014), ("a.jpg", 1024 * 1024 + 1, 40006)):
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(b"x" * size), filename=name, content_type="image/jpeg")
        query = {"access_token": await mini.token()}
        _, answer = await mini.rig.request("POST", "/wxa/img_sec_check", params=query, data=form)
        assert answer["errcode"] == code


async def test_risk_ranks_follow_the_seed_or_the_hand(mini: Mini) -> None:
    await mini.act(1, "visit")
    body = {"appid": mini.account.appid, "openid": mini.openid(1), "scene": 0, "client_ip": "127.0.0.1"}
    first = await mini.post(RISK, body)
    assert (first["errmsg"], first["risk_rank"] in range(4)) == ("getuserriskrank succ", True)
    assert (await mini.post(RISK, body))["risk_rank"] == first["risk_rank"]
    await mini.rig.control("PUT", "/people/1/risk", {"appid": mini.account.appid, "rank": 3})
    assert (await mini.post(RISK, body))["risk_rank"] == 3
    for changes, code in (({"appid": "wx0"}, 40013), ({"scene": 5}, 40129), ({"client_ip": ""}, 40097)):
        assert await mini.code_of(RISK, body | changes) == code


async def test_an_updatable_message_changes_for_a_day_and_never_back(mini: Mini) -> None:
    path = "/cgi-bin/message/wxopen/activityid/create"
    made = await mini.get(path, openid=mini.openid(1))
    body = {
        "activity_id": made["activity_id"],
        "target_state": 1,
        "template_info": {"parameter_list": [{"name": "member_count", "value": "2"}]},
    }
    send = "/cgi-bin/message/wxopen/updatablemsg/send"
    assert await mini.code_of(send, body) == 0
    [shown] = (await mini.control("GET", "/activities"))["items"]
    assert (shown["target_state"], shown["parameters"]) == (1, {"member_count": "2"})
    assert await mini.code_of(send, body | {"target_state": 0}) == 47502
    assert await mini.code_of(send, body | {"activity_id": "x"}) == 47501
    wrong = {"parameter_list": [{"name": "version_type", "value": "beta"}]}
    assert await mini.code_of(send, body | {"template_info": wrong}) == 47503
    mini.rig.clock.advance(86400)
    assert await mini.code_of(send, body) == 47504


async def test_published_pages_are_taken_for_search(mini: Mini) -> None:
    await mini.control("PUT", "/pages", {"pages": ["pages/a"]})
    path = "/wxa/search/wxaapi_submitpages"
    assert await mini.code_of(path, {"pages": [{"path": "pages/a", "query": "x=1"}]}) == 0
    assert await mini.code_of(path, {"pages": [{"path": "pages/b", "query": ""}]}) == 40066
    assert await mini.code_of(path, {"pages": []}) == 47001
