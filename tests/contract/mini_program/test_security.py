"""Content security, risk rank, service cards and updatable messages of a mini program, over the wire."""

import json

import pytest

from contract.mini_program.conftest import MiniProgram
from contract.official_account.pictures import jpeg
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.mini_program import security, subscribe_messages


async def visitor(mini: MiniProgram, person: int = 3) -> str:
    """Let a person log in and look around; only who was here lately is looked at."""
    openid = (await mini.logged_in(person)).openid
    await mini.act(person, "visit")
    return openid


@pytest.mark.parametrize(
    ("content", "suggest", "label"), [("这款茶很好喝", "pass", 100), ("刷单返利", "risky", 20008)]
)
async def test_a_text_is_judged(mini: MiniProgram, content: str, suggest: str, label: int) -> None:
    openid = await visitor(mini)

    answer = await mini.client.call(
        security.CHECK_TEXT, security.TextRequest(content=content, scene=2, openid=openid)
    )

    assert (answer.result.suggest, answer.result.label) == (suggest, label)
    assert answer.detail[0].strategy == "content_model"
    assert answer.trace_id


async def test_a_picture_is_checked_later_and_at_once(mini: MiniProgram) -> None:
    openid = await visitor(mini)

    queued = await mini.client.call(
        security.CHECK_MEDIA,
        security.MediaRequest(media_url="http://127.0.0.1:9/a.jpg", media_type=2, scene=1, openid=openid),
    )
    await mini.client.call(security.CHECK_PICTURE, security.PictureRequest(media=jpeg()))

    assert queued.trace_id


async def test_how_risky_a_person_is(mini: MiniProgram) -> None:
    openid = await visitor(mini)
    await mini.sandbox.control("PUT", "/people/3/risk", {"appid": mini.client.app_id, "rank": 3})

    risk = await mini.client.risk_rank(openid, scene=1, client_ip="127.0.0.1")

    assert risk.risk_rank == 3
    assert risk.unoin_id


async def test_a_service_card_is_set_changed_and_read(mini: MiniProgram) -> None:
    openid = await visitor(mini)
    code = (await mini.act(3, "card-code"))["code"]
    for status in (2, 3):
        content = json.dumps({"cur_status": status})
        await mini.client.call(
            subscribe_messages.SET_CARD,
            subscribe_messages.SetCardRequest(
                openid=openid, notify_type=1001, notify_code=code, content_json=content
            ),
        )
    await mini.client.call(
        subscribe_messages.EXTEND_CARD,
        subscribe_messages.ExtendCardRequest(
            openid=openid, notify_type=1001, notify_code=code, ext_json="{}"
        ),
    )

    card = await mini.client.call(
        subscribe_messages.CARD,
        subscribe_messages.GetCardRequest(openid=openid, notify_type=1001, notify_code=code),
    )

    assert json.loads(card.notify_info.content_json) == {"cur_status": 3}


async def test_a_message_in_a_conversation_is_updated(mini: MiniProgram) -> None:
    openid = await visitor(mini)
    made = await mini.client.call(
        subscribe_messages.CREATE_ACTIVITY, subscribe_messages.ActivityRequest(openid=openid)
    )
    assert made.expiration_time > 0
    parameters = subscribe_messages.Parameters(
        (
            subscribe_messages.Parameter("member_count", "2"),
            subscribe_messages.Parameter("room_limit", "5"),
        )
    )

    await mini.client.call(
        subscribe_messages.UPDATE_MESSAGE,
        subscribe_messages.UpdateMessageRequest(
            activity_id=made.activity_id, target_state=0, template_info=parameters
        ),
    )

    with pytest.raises(PlatformRefusal) as caught:
        await mini.client.call(
            subscribe_messages.UPDATE_MESSAGE,
            subscribe_messages.UpdateMessageRequest(
                activity_id="none", target_state=0, template_info=parameters
            ),
        )
    assert caught.value.errcode == 47501
