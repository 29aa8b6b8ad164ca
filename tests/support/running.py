"""A platform and the sandbox it is connected to, each a process of its own, and ways to talk to both."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from support.platform import scratch_directory, sweep_leftovers
from support.processes import HTTP, Platform, Sandbox, eventually

PEOPLE = 200
OFFICIAL_ACCOUNT = "/api/v1/channels/official-accounts"


@dataclass
class RunningPlatform:
    """A platform with one connected official account, its sandbox, and everything needed to talk to both."""

    platform: Platform
    sandbox: Sandbox
    write_key: str
    account_id: str
    callback_url: str
    _people: "count[int]" = field(default_factory=count)
    _names: "count[int]" = field(default_factory=count)

    @property
    def url(self) -> str:
        return self.platform.url

    @property
    def appid(self) -> str:
        return self.sandbox.appid

    def new_person(self) -> int:
        """Return a simulated person no other test has used."""
        person = next(self._people)
        assert person < self.sandbox.people, "make more people"
        return person

    def new_name(self, stem: str) -> str:
        """Return a name no other test has used."""
        return f"{stem} {next(self._names)}"

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer of the API."""
        answer = self.platform.ask("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Change something through the API."""
        answer = self.platform.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def track(self, *calls: dict[str, Any]) -> dict[str, Any]:
        """Send events the way a shop does."""
        answer = HTTP.post(f"{self.url}/v1/batch", auth=(self.write_key, ""), json={"batch": list(calls)})
        assert answer.status_code == 200, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def follow(self, person: int, **details: Any) -> dict[str, Any]:
        """Have a person follow, and wait until the platform knows."""
        relation = self.sandbox.act(person, "follow", **details)
        self.until_known(person)
        return relation

    def person_id(self, person: int) -> str:
        """Return who the platform takes a simulated person for, found by their openid."""
        openid = self.sandbox.ask("GET", f"/people/{person}")["relations"][0]["openid"]
        found = self.get("/api/v1/people", q=openid)["items"]
        return str(found[0]["id"]) if found else ""

    def until_known(self, person: int) -> str:
        """Wait until the platform knows a person, and return who they are there."""
        return str(eventually(lambda: self.person_id(person), what=f"person {person} to be known"))

    def timeline(self, person: int) -> list[dict[str, Any]]:
        """Return a person's events, newest first."""
        items: list[dict[str, Any]] = self.get(f"/api/v1/people/{self.person_id(person)}/timeline")["items"]
        return items

    def until_seen(self, person: int, name: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait until a person's timeline shows an event so often, and return those events."""

        def seen() -> list[dict[str, Any]]:
            found = [event for event in self.timeline(person) if event["name"] == name]
            return found if len(found) >= times else []

        return list(eventually(seen, what=f"{times} × {name} of person {person}"))

    def publish(self, name: str, definition: dict[str, Any]) -> str:
        """Draw and publish a journey; return its id."""
        drawn = self.send("POST", "/api/v1/journeys", {"name": name, "definition": definition})
        journey: str = drawn["id"]
        self.send("POST", f"/api/v1/journeys/{journey}/publish")
        return journey

    def nodes(self, journey: str) -> dict[str, tuple[int, int, int]]:
        """Return (entered, waiting, left) of each node."""
        nodes = self.get(f"/api/v1/journeys/{journey}")["nodes"]
        return {node["id"]: (node["entered"], node["waiting"], node["left"]) for node in nodes}

    def messages(self, **filters: str) -> list[dict[str, Any]]:
        """Return planned messages, newest first."""
        items: list[dict[str, Any]] = self.get("/api/v1/messages", **filters)["items"]
        return items


def connect(platform: Platform, sandbox: Sandbox) -> RunningPlatform:
    """Sign in, connect the sandbox's account, point the sandbox at us, and make a write key."""
    platform.sign_in()
    answer = platform.ask(
        "POST",
        OFFICIAL_ACCOUNT,
        {
            "app_id": sandbox.account["appid"],
            "app_secret": sandbox.account["secret"],
            "name": "青山茶食",
            "token": sandbox.account["token"],
            "encoding_aes_key": sandbox.account["aes_key"],
            "base_url": sandbox.url,
        },
    )
    assert answer.status_code == 201, answer.text
    connected = answer.json()
    pointed = sandbox.ask("PUT", f"/accounts/{sandbox.appid}", callback_url=connected["setup"]["url"])
    assert pointed["verified"] is True
    key = platform.ask("POST", "/api/v1/settings/tracking", {"name": "官网", "source": "website"})
    assert key.status_code == 201, key.text
    return RunningPlatform(
        platform,
        sandbox,
        key.json()["write_key"],
        connected["account"]["id"],
        connected["setup"]["url"],
    )


def start_connected(
    stack: ExitStack, *, clock: str = "", people: int = PEOPLE, **settings: str
) -> RunningPlatform:
    """Start a sandbox and an empty brand connected to it; both end with ``stack``."""
    directory = fresh_directory(stack)
    sandbox = Sandbox(directory, people=people, clock=clock)
    stack.callback(sandbox.stop)
    sandbox.start()
    platform = Platform(directory, clock=clock, settings=settings)
    stack.callback(platform.end)
    platform.start()
    return connect(platform, sandbox)


def fresh_directory(stack: ExitStack) -> Path:
    """Return a directory of this test's own, after tidying up behind runs that were killed."""
    sweep_leftovers()
    return stack.enter_context(scratch_directory())


StartPlatform = Callable[..., RunningPlatform]
