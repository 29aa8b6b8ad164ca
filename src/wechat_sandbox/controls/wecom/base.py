"""What the parts about companies share."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, to_text
from wechat_sandbox.controls.base import ControlPart
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import Customers, External, Link
from wechat_sandbox.state.wecom.directory import Directory, Member
from wechat_sandbox.state.wecom.meeting import Meetings
from wechat_sandbox.wire.corp_texts import TEXTS
from wechat_sandbox.wire.errors import PlatformError

T = TypeVar("T")


class CorpPart(ControlPart):
    """Handlers about one company, named in the path as ``{corpid}``."""

    def corp(self, request: web.Request) -> Corp:
        return self.world.get_corp(request.match_info["corpid"])

    def directory(self, corp: Corp) -> Directory:
        return Directory(self.store, corp)

    def customers(self, corp: Corp) -> Customers:
        return Customers(self.world, corp)

    def meetings(self, corp: Corp) -> Meetings:
        return Meetings(self.world, corp)

    def member(self, corp: Corp, userid: Any) -> Member:
        """Return a member by id."""
        found = self.directory(corp).find(to_text(userid, "userid"))
        if found is None:
            raise Unknown(f"no member {userid}")
        return found

    def external(self, corp: Corp, request: web.Request) -> External:
        """Return who the path names as ``{who}``: a person's number or an external user id."""
        who = request.match_info["who"]
        if who.isdecimal():
            if int(who) >= self.world.people:
                raise Unknown(f"no person {who}")
            return self.customers(corp).external_of(int(who))
        found = self.customers(corp).find_external(who)
        if found is None:
            raise Unknown(f"no external contact {who}")
        return found

    def link(self, corp: Corp, userid: str, external: External) -> Link:
        found = self.customers(corp).find_link(userid, external.external_userid)
        if found is None:
            raise Unknown(f"{userid} does not have this customer")
        return found


def refusal(error: PlatformError) -> BadRequest:
    """Say what the platform would say to somebody at their phone."""
    return BadRequest(f"{error.code} {TEXTS.get(error.code, '')} {error.detail}".strip())


def attempt(act: Callable[[], T]) -> T:
    """Do something as somebody at their phone; what the platform refuses is a bad request."""
    try:
        return act()
    except PlatformError as error:
        raise refusal(error) from error


def whole_number(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{name} is a whole number")
    return value


def shown(thing: Any) -> dict[str, Any]:
    """Return a thing as the control API shows it."""
    return asdict(thing)
