"""Greeting new customers with the code of their add. Source: official page 发送新客户欢迎语 (D 92137)."""

from wechat_sandbox.endpoints.wecom.materials import shelves_of
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall, Right
from wechat_sandbox.state.wecom.audience import Audience
from wechat_sandbox.state.wecom.content import read_content
from wechat_sandbox.state.wecom.meeting import Meetings


@WECOM.post("/externalcontact/send_welcome_msg", right=Right.CUSTOMERS)
def send_welcome(call: CorpCall) -> Answer:
    """Send a welcome once, within twenty seconds (41050 too late, 41051 sent before)."""
    code = call.text("welcome_code", missing=41049)
    content = read_content(call.body, shelves_of(call))
    meetings = Meetings(call.world, call.corp)
    link = meetings.use_welcome(code, call.at)
    Audience(call.world, call.corp).deliver(
        link.userid, link.external_userid, "welcome", content.as_fields(), call.at
    )
    return {}
