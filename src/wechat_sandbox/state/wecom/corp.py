"""A company: its id, its apps, the secrets they sign in with, and where its callbacks go."""

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from wechat_sandbox.wire.corp_envelope import CorpEnvelope

_ALNUM = string.ascii_letters + string.digits
CONTACTS, CUSTOMERS, KF, ARCHIVE = "contacts", "customers", "kf", "archive"
SHARED_SCOPES = (CONTACTS, CUSTOMERS, KF, ARCHIVE)
FIRST_AGENT = 1_000_002  # What the first app of a company is numbered.


@dataclass(slots=True, kw_only=True)
class Hook:
    """A callback address with its keys."""

    url: str = ""
    token: str = ""
    aes_key: str = ""


@dataclass(slots=True, kw_only=True)
class Agent:
    """A self-built app."""

    agentid: int
    secret: str
    name: str
    description: str = ""
    logo_url: str = "https://wework.qpic.cn/bizmail/sandbox/0"
    users: list[str] = field(default_factory=list)  # Visible scope; all three empty: the whole company.
    parties: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    closed: bool = False
    redirect_domain: str = ""  # Where web pages may be led back to; empty: anywhere.
    report_location_flag: int = 0
    isreportenter: int = 0
    home_url: str = ""
    toolbar_url: str = ""  # The page beside a chat (聊天工具栏); set in the console only.
    trusted_ips: list[str] = field(default_factory=list)  # Empty: any.
    calls_customers: bool = True  # In the list of apps that may call the customer-contact APIs.
    calls_kf: bool = True
    writes_contacts: bool = False  # May change the contacts, like the contacts secret.
    reads_private: bool = False  # An app made before 2022-06-20: still told phones and addresses.
    hook: Hook = field(default_factory=Hook)

    @property
    def scope(self) -> str:
        return agent_scope(self.agentid)


@dataclass(slots=True, kw_only=True)
class Corp:
    """One company as the platform knows it."""

    corpid: str
    name: str
    platform_id: str  # The open-platform account it is bound to: decides unionids; empty: none.
    secrets: dict[str, str]  # Of ``contacts``, ``customers``, ``kf`` and ``archive``.
    agents: list[Agent]
    hooks: dict[str, Hook] = field(default_factory=dict)  # Of the same four.
    # Companies registered since 2023-12-01 have no secret of its own for customer contact.
    shares_customer_secret: bool = True
    staff: int = 12  # How many people work there at the start.

    @property
    def appid(self) -> str:
        """The corpid, under which everything of the company is kept as that of an account is."""
        return self.corpid

    def find_agent(self, agentid: int) -> Agent | None:
        return next((agent for agent in self.agents if agent.agentid == agentid), None)

    def agent_of(self, scope: str) -> Agent | None:
        """Return the app behind a scope, none for the shared ones."""
        return next((agent for agent in self.agents if agent.scope == scope), None)

    def hook_of(self, scope: str) -> Hook:
        agent = self.agent_of(scope)
        return agent.hook if agent else self.hooks.setdefault(scope, Hook())

    def all_secrets(self) -> Iterator[tuple[str, str]]:
        """Yield every scope with its secret."""
        yield from self.secrets.items()
        for agent in self.agents:
            yield agent.scope, agent.secret

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "Corp":
        return msgspec.convert(dict(body), cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Where one callback goes: an address of a company, seen as the mailman sees an account."""

    appid: str  # The corpid; faults and queues are by it.
    callback_url: str
    envelope: CorpEnvelope

    @classmethod
    def of(cls, corp: Corp, scope: str) -> "Addressee":
        hook, agent = corp.hook_of(scope), corp.agent_of(scope)
        envelope = CorpEnvelope(
            corpid=corp.corpid,
            agentid=str(agent.agentid) if agent else "",
            token=hook.token,
            aes_key=hook.aes_key,
        )
        return cls(appid=corp.corpid, callback_url=hook.url, envelope=envelope)


def agent_scope(agentid: int) -> str:
    """Return the name under which an app's token is known."""
    return f"agent:{agentid}"


class CorpMint:
    """Makes ids and secrets of companies from a seed, the same ones each time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def corp(self, ordinal: int, given: Mapping[str, Any]) -> Corp:
        """Return a company; what is given stays, the rest is made.

        Raises:
            msgspec.ValidationError: a value of the wrong type, or a field nobody knows.
        """
        draw = random.Random(f"{self._seed}:corp:{ordinal}")  # noqa: S311 - repeatable on purpose.
        platform = random.Random(f"{self._seed}:platform")  # noqa: S311 - the one accounts are bound to.
        made = {
            "corpid": "ww" + _letters(draw, "0123456789abcdef", 16),
            "name": "青山茶食" if ordinal == 0 else f"青山茶食{ordinal + 1}分公司",
            "platform_id": "op_" + _letters(platform, "0123456789abcdef", 12),
        }
        secrets = {scope: _letters(draw, _ALNUM, 43) for scope in SHARED_SCOPES}
        hooks = {scope: self._hook(draw) for scope in (CONTACTS, CUSTOMERS, KF)}
        apart = random.Random(f"{self._seed}:corp:{ordinal}:archive")  # noqa: S311 - as above.
        hooks[ARCHIVE] = self._hook(apart)
        agents = given.get("agents") or [{}]
        made |= {name: value for name, value in given.items() if name not in ("secrets", "hooks", "agents")}
        body = made | {
            "secrets": secrets | dict(given.get("secrets", {})),
            "hooks": {
                scope: asdict(hook) | given.get("hooks", {}).get(scope, {}) for scope, hook in hooks.items()
            },
            "agents": [self.agent(draw, number, values) for number, values in enumerate(agents)],
        }
        return msgspec.convert(body, Corp, strict=True)

    def next_agent(self, corp: Corp, given: Mapping[str, Any]) -> Agent:
        """Return one more app for a company."""
        number = len(corp.agents)
        draw = random.Random(f"{self._seed}:{corp.corpid}:agent:{number}")  # noqa: S311 - repeatable.
        return msgspec.convert(self.agent(draw, number, given), Agent, strict=True)

    def agent(self, draw: random.Random, number: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of an app."""
        made = {
            "agentid": FIRST_AGENT + number,
            "secret": _letters(draw, _ALNUM, 43),
            "name": "全域助手" if number == 0 else f"应用{number + 1}",
        }
        return made | dict(given) | {"hook": asdict(self._hook(draw)) | given.get("hook", {})}

    def _hook(self, draw: random.Random) -> Hook:
        return Hook(token=_letters(draw, _ALNUM, 24), aes_key=_letters(draw, _ALNUM, 43))


def _letters(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choice(alphabet) for _ in range(length))
