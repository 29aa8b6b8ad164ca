"""All companies of a sandbox: made, kept over restarts, found by their tokens."""

from collections.abc import Iterator
from typing import Any

import msgspec

from wechat_sandbox.state.wecom.corp import Agent, Corp, CorpMint
from wechat_sandbox.state.wecom.population import populate
from wechat_sandbox.state.wecom.tokens import CorpTokens
from wechat_sandbox.storage import Storage


class Corps:
    """The companies by corpid, with the tokens of their secrets."""

    def __init__(self, store: Storage, seed: int) -> None:
        self._store = store
        self._mint = CorpMint(seed)
        self._seed = seed
        self._corps: dict[str, Corp] = {}
        self.tokens: dict[str, CorpTokens] = {}

    def __iter__(self) -> Iterator[Corp]:
        return iter(self._corps.values())

    def __contains__(self, corpid: object) -> bool:
        return corpid in self._corps

    def find(self, corpid: str) -> Corp | None:
        return self._corps.get(corpid)

    def restore(self) -> None:
        """Load the companies of an earlier run."""
        for body in self._store.read_corps():
            self._hold(Corp.from_dict(body))

    def ensure(self, given: list[dict[str, Any]]) -> None:
        """Make the configured companies; those of an earlier run keep their secrets.

        Callback addresses that are given hold at once: the listener's may be another at each start.
        """
        for ordinal, values in enumerate(given):
            corp = self._mint.corp(ordinal, values)
            known = self.find(corp.corpid)
            if known is None:
                self._take(corp)
            else:
                self._readdress(known, corp)

    def add(self, values: dict[str, Any]) -> Corp:
        """Make one more company, with staff; what is not given comes from the seed.

        Raises:
            ValueError: its id is taken, or a value has the wrong type.
        """
        corp = self._mint.corp(len(self._corps), values)
        if corp.corpid in self._corps:
            raise ValueError("there is a company with this corpid")
        self._take(corp)
        return corp

    def add_agent(self, corp: Corp, values: dict[str, Any]) -> Agent:
        """Make one more app of a company.

        Raises:
            ValueError: its number is taken, or a value has the wrong type.
        """
        agent = self._mint.next_agent(corp, values)
        if corp.find_agent(agent.agentid) is not None:
            raise ValueError("there is an app with this number")
        corp.agents.append(agent)
        self.save(corp)
        return agent

    def save(self, corp: Corp) -> None:
        self._store.write_corp(corp.corpid, list(self._corps).index(corp.corpid), corp.as_dict())

    def save_tokens(self, corp: Corp) -> None:
        self._store.write_meta(f"corp_tokens:{corp.corpid}", self.tokens[corp.corpid])

    def repopulate(self) -> None:
        """Bring back the staff of the start, after everything played was forgotten."""
        for corp in self:
            populate(self._store, self._seed, corp)

    def owner_of(self, token: str) -> Corp | None:
        """Return the company a token was issued to, also one that has ended."""
        if not token:
            return None
        return next((corp for corp in self if self.tokens[corp.corpid].knows(token)), None)

    def _readdress(self, corp: Corp, given: Corp) -> None:
        corp.hooks |= {scope: hook for scope, hook in given.hooks.items() if hook.url}
        for agent in given.agents:
            known = corp.find_agent(agent.agentid)
            if known is not None and agent.hook.url:
                known.hook = agent.hook
        self.save(corp)

    def _take(self, corp: Corp) -> None:
        self._hold(corp)
        self.save(corp)
        populate(self._store, self._seed, corp)

    def _hold(self, corp: Corp) -> None:
        self._corps[corp.corpid] = corp
        body = self._store.read_meta(f"corp_tokens:{corp.corpid}")
        self.tokens[corp.corpid] = CorpTokens() if body is None else msgspec.convert(body, CorpTokens)
