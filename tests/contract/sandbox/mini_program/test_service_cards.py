"""Service cards: codes of buttons and payments, changes, ends."""

import json
from typing import Any

from contract.sandbox.mini_program.mini import Mini

SET, GET, EXTEND = "/wxa/set_user_notify", "/wxa/get_user_notify", "/wxa/set_user_notifyext"
DAY = 86400


def card(mini: Mini, code: str, kind: int, **changes: Any) -> dict[str, Any]:
    content = json.dumps({"cur_status": 2})
    made = {"openid": mini.openid(1), "notify_type": kind, "notify_code": code, "content_json": content}
    return made | changes


async def test_a_card_of_a_button_lives_a_day(mini: Mini) -> None:
    code = (await mini.act(1, "card-code"))["code"]
    assert await mini.code_of(GET, card(mini, code, 1001)) == 85437
    assert await mini.code_of(SET, card(mini, code, 1001, openid=mini.openid(2))) == 85437
    code = (await mini.act(1, "card-code"))["code"]
    assert await mini.code_of(SET, card(mini, code, 1001)) == 0
    changed = json.dumps({"cur_status": 3})
    assert await mini.code_of(SET, card(mini, code, 1001, content_json=changed)) == 0
    info = (await mini.post(GET, card(mini, code, 1001)))["notify_info"]
    assert (info["content_json"], info["code_state"]) == (changed, 0)
    shown = [line["body"]["content"] for line in (await mini.rig.control("GET", "/messages"))["items"]]
    assert shown == [{"cur_status": 2}, {"cur_status": 3}]
    assert await mini.code_of(EXTEND, card(mini, code, 1001, ext_json="{}")) == 0
    assert await mini.code_of(EXTEND, card(mini, code, 1001, ext_json="x")) == 85470
    mini.rig.clock.advance(DAY)
    assert await mini.code_of(SET, card(mini, code, 1001)) == 85438


async def test_a_card_of_a_payment_is_checked_against_it(mini: Mini) -> None:
    order = await mini.act(1, "orders", paid_amount=6800)
    code, paid_at = order["transaction_id"], int(order["pay_time"])
    wrong = json.dumps({"pay_amount": 1, "pay_time": paid_at})
    right = json.dumps({"pay_amount": 6800, "pay_time": paid_at})
    assert await mini.code_of(SET, card(mini, code, 2001)) == 85437
    assert await mini.code_of(SET, card(mini, code, 2001, check_json=wrong)) == 85437
    assert await mini.code_of(SET, card(mini, code, 2001, check_json=right)) == 0
    mini.rig.clock.advance(29 * DAY)
    assert await mini.code_of(SET, card(mini, code, 2001)) == 0
    late = (await mini.act(1, "orders"))["transaction_id"]
    mini.rig.clock.advance(DAY)
    assert await mini.code_of(SET, card(mini, late, 2001, check_json=right)) == 85438


async def test_what_is_wrong_with_a_card_is_named(mini: Mini) -> None:
    code = (await mini.act(1, "card-code"))["code"]
    assert await mini.code_of(SET, card(mini, code, 9)) == 85434
    assert await mini.code_of(SET, card(mini, code, 1001, openid="oNobody")) == 40003
    assert await mini.code_of(SET, card(mini, code, 1001, content_json="x")) == 47001
    assert await mini.code_of(SET, card(mini, code, 1001)) == 0  # The code is not used up by refusals.
