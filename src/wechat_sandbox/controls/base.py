"""What every part of the control API needs: the sandbox, the account and the person of a request."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import Handler, answer_json, to_number, to_text
from wechat_sandbox.state.core import Unknown

if TYPE_CHECKING:
    from wechat_sandbox.sandbox import Sandbox

Route = tuple[str, str, Handler]  # Verb, path below /sandbox, handler.


class ControlPart:
    """Handlers of one subject."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.store = sandbox.store

    def routes(self) -> list[Route]:
        """Return what this part serves."""
        raise NotImplementedError

    def now(self) -> float:
        return self.sandbox.clock.now()

    def account(self, body: dict[str, Any]) -> Account:
        """Return the account a body names with ``appid``, the first one when it names none."""
        appid = body.get("appid")
        if appid is None:
            return next(iter(self.world.accounts.values()))
        return self.world.get_account(to_text(appid, "appid"))

    def index(self, request: web.Request) -> int:
        """Return the number of the person in the path."""
        index = to_number(request.match_info["person"], "person")
        if not 0 <= index < self.world.people:
            raise Unknown(f"no person {index}")
        return index

    def relation(self, account: Account, index: int) -> web.Response:
        """Answer with the state of a person at an account."""
        return answer_json(asdict(self.world.get_relation(account, index)))
