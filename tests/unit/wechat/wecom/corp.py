"""A client of one corp whose platform is a script, for tests without a network."""

from typing import Any

from quanyu.kernel.clock import Clock, FixedClock
from quanyu.wechat.tokens import AccessToken
from quanyu.wechat.transport import Received
from quanyu.wechat.wecom.client import CorpCredentials, WeComClient
from unit.wechat.scripted import AT, KeptToken, ScriptedTransport, answer

CORP = "ww0000000000000001"
OK = answer({"errcode": 0, "errmsg": "ok"})


class EmptyTokens:
    """A token store that is empty at first."""

    def __init__(self) -> None:
        self.token: AccessToken | None = None

    async def find(self) -> AccessToken | None:
        return self.token

    async def take_lease(self, holder: str, *, seconds: float) -> bool:
        return True

    async def save(self, holder: str, token: AccessToken) -> None:
        self.token = token

    async def give_lease_back(self, holder: str) -> None: ...


def corp_client(
    *answers: Received,
    clock: Clock | None = None,
    store: Any = None,
    agent_id: int = 1000002,
    secret: str = "s3cret",
    **options: Any,
) -> tuple[WeComClient, ScriptedTransport]:
    """Return a client that hears ``answers``, and what keeps its questions."""
    transport = ScriptedTransport(list(answers) or [OK])
    known = CorpCredentials(corp_id=CORP, secret=secret, agent_id=agent_id)
    client = WeComClient(
        transport,  # type: ignore[arg-type]
        known,
        store or KeptToken(),
        clock or FixedClock(AT),
        holder="test",
        **options,
    )
    return client, transport
