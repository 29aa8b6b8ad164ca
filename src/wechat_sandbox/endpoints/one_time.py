"""One-time subscription messages: the page that asks, and sending."""

from collections.abc import Mapping
from urllib.parse import urlencode

from wechat_sandbox.accounts import AccountKind
from wechat_sandbox.endpoints.browser import page, person_of_call, redirect
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call, Reply
from wechat_sandbox.state.one_time import SCENE_MAX, confirm, one_time_template, use
from wechat_sandbox.wire.errors import PlatformError

TITLE_CHARS_MAX = 15
CONTENT_CHARS_MAX = 200


@REGISTRY.get("/mp/subscribemsg", needs_token=False)
def ask(call: Call) -> Reply:
    """The page on mp.weixin.qq.com; with ``confirm`` it leads back with the person's answer.

    Who is asked: the ``person`` of the query or of the cookie; see the OAuth page.
    """
    account = call.world.accounts.get(call.query.get("appid", ""))
    scene = call.query.get("scene", "")
    if account is None or call.query.get("template_id") != one_time_template(account):
        return page("参数错误", status=400)
    if not scene.isdecimal() or int(scene) > SCENE_MAX or call.query.get("action") != "get_confirm":
        return page("参数错误", status=400)
    person = person_of_call(call)
    answer = call.query.get("confirm", "")
    if person is None or answer not in ("confirm", "cancel"):
        query = urlencode(dict(call.query) | {"person": "" if person is None else str(person)})
        choices = " ".join(
            f'<a href="/mp/subscribemsg?{query}&confirm={one}">{text}</a>'
            for one, text in (("confirm", "接收"), ("cancel", "取消"))
        )
        return page(f"{account.name} 申请向你发送一次消息 {choices}", is_html=True)
    openid = call.world.get_relation(account, person).openid
    if answer == "confirm":
        confirm(call.world, account, openid, int(scene))
    told = {"openid": openid, "template_id": one_time_template(account), "action": answer, "scene": scene}
    return redirect(call.query.get("redirect_url", ""), told | {"reserved": call.query.get("reserved", "")})


@REGISTRY.post("/cgi-bin/message/template/subscribe", kinds=frozenset({AccountKind.SERVICE}), utf8_only=True)
def send(call: Call) -> Mapping[str, object]:
    """Send the one message a person agreed to for a scene; they need not follow."""
    relation = call.recipient(call.text("touser"))
    if call.text("template_id") != one_time_template(call.account):
        raise PlatformError(40037)
    scene, title = call.number("scene"), call.text("title")
    data = call.body.get("data")
    content = data.get("content") if isinstance(data, dict) else None
    value = content.get("value") if isinstance(content, dict) else None
    if not 1 <= len(title) <= TITLE_CHARS_MAX:
        raise PlatformError(47003, "title invalid")
    if not isinstance(value, str) or not 1 <= len(value) <= CONTENT_CHARS_MAX:
        raise PlatformError(47003, "data.content.value invalid")
    use(call.world, call.account, relation.openid, scene)
    body = {"title": title, "text": value, "url": call.text("url"), "scene": scene}
    shown = body | {"miniprogram": call.body.get("miniprogram")}
    call.world.deliver(relation, "one_time", shown, call.at)
    return OK
