"""Events the platform itself causes: certification, names, changes of a person's own data."""

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required
from wechat_sandbox.controls.base import ControlPart, Route

DAY_S = 86_400
# Events of the account as a whole, with what they carry.
ACCOUNT_EVENTS = {
    "qualification_verify_success": ("ExpiredTime",),
    "qualification_verify_fail": ("FailTime", "FailReason"),
    "naming_verify_success": ("ExpiredTime",),
    "naming_verify_fail": ("FailTime", "FailReason"),
    "annual_renew": ("ExpiredTime",),
    "verify_expired": ("ExpiredTime",),
}
# Events of one person at an account.
PERSON_EVENTS = frozenset({"user_info_modified", "user_authorization_cancellation"})


class PlatformEvents(ControlPart):
    """The platform at work."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/accounts/{appid}/events", self.account_event),
            ("POST", "/people/{person}/events", self.person_event),
        ]

    async def account_event(self, request: web.Request) -> web.Response:
        """Report an ``event`` of the account: certification, yearly renewal."""
        account = self.world.get_account(request.match_info["appid"])
        body = await read_body(request, {"event", "reason"})
        event = required(body, "event")
        names = ACCOUNT_EVENTS.get(event)
        if names is None:
            raise BadRequest(f"event is one of {', '.join(sorted(ACCOUNT_EVENTS))}")
        at = self.now()
        values: dict[str, str | int] = {
            "ExpiredTime": int(at) + 365 * DAY_S,
            "FailTime": int(at),
            "FailReason": str(body.get("reason", "资料不完整")),
        }
        self.world.emit_for_account(account, event, at, {name: values[name] for name in names})
        return answer_json({"event": event})

    async def person_event(self, request: web.Request) -> web.Response:
        """Report that a person changed or cancelled what the account knows of them."""
        body = await read_body(request, {"appid", "event"})
        event = required(body, "event")
        if event not in PERSON_EVENTS:
            raise BadRequest(f"event is one of {', '.join(sorted(PERSON_EVENTS))}")
        account, index = self.account(body), self.index(request)
        relation = self.world.get_relation(account, index)
        fields = {"OpenID": relation.openid, "AppID": account.appid, "RevokeInfo": "1"}
        self.world.report_event(account, relation, event, self.now(), dict(fields))
        return self.relation(account, index)


PART = PlatformEvents
