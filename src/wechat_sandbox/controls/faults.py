"""Making calls and callbacks go wrong, one rule or a whole script at a time."""

from dataclasses import asdict

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, to_number
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.faults import InvalidFault
from wechat_sandbox.state.core import Unknown


class Faults(ControlPart):
    """The rules in force."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/faults", self.show),
            ("POST", "/faults", self.add),
            ("PUT", "/faults", self.replace),
            ("DELETE", "/faults", self.clear),
            ("DELETE", "/faults/{fault}", self.remove),
        ]

    async def show(self, request: web.Request) -> web.Response:
        faults = self.sandbox.faults
        return answer_json({"seed": faults.seed, "items": faults.as_list()})

    async def add(self, request: web.Request) -> web.Response:
        try:
            fault = self.sandbox.faults.add(await read_body(request, None))
        except InvalidFault as error:
            raise BadRequest(str(error)) from error
        return answer_json(asdict(fault), status=201)

    async def replace(self, request: web.Request) -> web.Response:
        """Put a script in place of all rules; a bad rule in it changes nothing."""
        body = await read_body(request, {"rules", "seed"})
        rules, seed = body.get("rules"), body.get("seed")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise BadRequest("rules is a list of rules")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise BadRequest("seed is a whole number")
        try:
            made = self.sandbox.faults.replace(rules, seed=seed)
        except InvalidFault as error:
            raise BadRequest(str(error)) from error
        return answer_json({"seed": self.sandbox.faults.seed, "items": [asdict(fault) for fault in made]})

    async def clear(self, request: web.Request) -> web.Response:
        self.sandbox.faults.clear()
        return answer_json({"items": []})

    async def remove(self, request: web.Request) -> web.Response:
        if not self.sandbox.faults.remove(to_number(request.match_info["fault"], "fault")):
            raise Unknown("no such fault")
        return answer_json({"removed": True})


PART = Faults
