"""The ground the platform stands on: accounts, people at accounts, conversations and ids.

Each change is written before it is told to anyone. Nothing here does network work: callbacks and
reactions go to the listeners.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from wechat_sandbox.accounts import Account, Mint, openid_of, unionid_of
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.facts import Facts
from wechat_sandbox.state.wecom.corp import Addressee, Corp
from wechat_sandbox.state.wecom.corps import Corps
from wechat_sandbox.storage import Line, Storage
from wechat_sandbox.tokens import TokenBook
from wechat_sandbox.wire.xml import XmlValue

CLIENT_MSG_ID_S = 600
_INTENTS_MAX = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message or event the platform reports to an account, or to an address of a company."""

    account: Account | Addressee
    relation: Relation | None  # None: the event concerns the account as a whole.
    openid: str
    event: str  # The value of ``Event``, or ``message:<type>``.
    create_time: int
    fields: dict[str, XmlValue]
    msgid: int | None = None
    expects_reply: bool = False  # The person waits: without a proper answer they see a fault notice.
    is_report: bool = False  # The end of a job; comes a moment after the call that began it.
    line: int | None = None  # The entry of the conversation it reports.

    @property
    def person(self) -> int:
        """The number of the person, -1 for an event of the account itself."""
        return -1 if self.relation is None else self.relation.person


def _ignore(*told: object) -> None:
    """Nobody is there to hear it."""


class Unknown(LookupError):
    """No such account, person or button in this sandbox."""


class Core:
    """What the platform knows of accounts and people, without the acts that change it."""

    def __init__(self, store: Storage, *, seed: int, people: int) -> None:
        self.store = store
        self.facts = Facts(store)
        self.seed = seed
        self.people = people
        self.accounts: dict[str, Account] = {}
        self.books: dict[str, TokenBook] = {}
        self.corps = Corps(store, seed)
        self.on_callback: Callable[[Callback], None] = lambda callback: None
        self.on_received: Callable[[Relation, Line], None] = lambda relation, line: None
        # Told of what concerns members of a company: (corpid, userid, kind, ref, instant).
        self.on_staff_task: Callable[[str, str, str, str, float], None] = _ignore
        self.on_moment: Callable[[str, str, str, float], None] = _ignore
        self.on_kf_answer: Callable[[str, str, str, float], None] = _ignore
        self.on_mass: Callable[[str, str, str, float], None] = _ignore
        self.on_kf_wait: Callable[[str, str, str, str, float], None] = _ignore
        # Runs something a moment later, as the platform's own jobs do; at once where nothing serves.
        self.defer: Callable[[Callable[[], None]], None] = lambda act: act()
        # Fetches a file from an address; nothing can be had where nothing serves.
        self.fetch: Callable[[str, Callable[[bytes | None], None]], None] = lambda url, done: done(None)
        self.now: Callable[[], float] = time.time  # The virtual clock, once there is one.
        self.rate: Callable[[], float] = lambda: 1.0  # How fast that clock runs.
        self.public_url = "http://127.0.0.1"  # Where the sandbox is reached; set when it has a port.
        self._relations: dict[tuple[str, int], Relation] = {}
        self._openids: dict[str, dict[str, int]] = {}
        self._intents: dict[tuple[str, str, str], tuple[int, float]] = {}
        self._last_id = int(store.read_meta("last_id") or 0)

    # Setting up

    def restore(self, at: float) -> None:
        """Load accounts, relations and recent idempotency keys of an earlier run."""
        for body in self.store.read_accounts():
            self._hold(Account.from_dict(body))
        self.corps.restore()
        for appid, person, body in self.store.read_relations():
            self._relations[appid, person] = msgspec.convert(body, Relation)
        recent = self.store.read_lines(
            "client_msg_id IS NOT NULL AND at > ?", (at - CLIENT_MSG_ID_S,), _INTENTS_MAX
        )
        for line in recent:
            self._intents[line.appid, line.openid, line.client_msg_id or ""] = (line.msgid or 0, line.at)

    def ensure_accounts(self, given: list[dict[str, Any]]) -> None:
        """Make the configured accounts; those of an earlier run keep their secrets."""
        mint = Mint(self.seed)
        existing = list(self.accounts.values())
        for ordinal, values in enumerate(given):
            made = mint.account(ordinal, values)
            known = next((account for account in existing if account.appid == made.appid), None)
            if known is None and not values.get("appid") and ordinal < len(existing):
                known = existing[ordinal]
            account = known or made
            account.change({name: value for name, value in values.items() if value not in (None, "")})
            self._hold(account)
            self.save_account(account)

    def add_account(self, values: dict[str, Any]) -> Account:
        """Make one more account; what is not given comes from the seed."""
        account = Mint(self.seed).account(len(self.accounts), values)
        self._hold(account)
        self.save_account(account)
        return account

    def save_account(self, account: Account) -> None:
        ordinal = list(self.accounts).index(account.appid)
        self.store.write_account(account.appid, ordinal, account.as_dict())

    def reset(self) -> None:
        """Forget follows, conversations and hits; accounts and tokens stay."""
        self.store.forget_play()
        self._relations.clear()
        self._intents.clear()
        self.corps.repopulate()

    def _hold(self, account: Account) -> None:
        self.accounts[account.appid] = account
        self.books.setdefault(account.appid, self._read_book(account.appid))

    def _read_book(self, appid: str) -> TokenBook:
        body = self.store.read_meta(f"tokens:{appid}")
        return TokenBook() if body is None else msgspec.convert(body, TokenBook)

    def save_book(self, appid: str) -> None:
        self.store.write_meta(f"tokens:{appid}", self.books[appid])

    # Looking up

    def get_account(self, appid: str) -> Account:
        account = self.accounts.get(appid)
        if account is None:
            raise Unknown(f"no account {appid}")
        return account

    def get_corp(self, corpid: str) -> Corp:
        corp = self.corps.find(corpid)
        if corp is None:
            raise Unknown(f"no company {corpid}")
        return corp

    def get_relation(self, account: Account, person: int) -> Relation:
        """Return the state of a person at an account, a blank one if they never met."""
        if not 0 <= person < self.people:
            raise Unknown(f"no person {person}")
        relation = self._relations.get((account.appid, person))
        if relation is None:
            relation = Relation(
                appid=account.appid,
                person=person,
                openid=openid_of(str(self.seed), account.appid, person),
                unionid=self._unionid(account, person),
            )
            self._relations[account.appid, person] = relation
        return relation

    def save_relation(self, relation: Relation) -> None:
        self.store.write_relation(relation.appid, relation.person, relation)

    def rebind(self, account: Account, platform_id: str) -> None:
        """Move an account to another open-platform account: everyone's unionid there is another one."""
        account.platform_id = platform_id
        self.save_account(account)
        for (appid, person), relation in self._relations.items():
            if appid == account.appid:
                relation.unionid = self._unionid(account, person)
                self.save_relation(relation)

    def _unionid(self, account: Account, person: int) -> str:
        if not account.platform_id:
            return ""
        return unionid_of(str(self.seed), account.platform_id, person)

    def find_relation(self, account: Account, openid: str) -> Relation | None:
        """Return the relation behind an openid of this account."""
        index = self._openids.get(account.appid)
        if index is None:
            seed = str(self.seed)
            index = {openid_of(seed, account.appid, person): person for person in range(self.people)}
            self._openids[account.appid] = index
        person = index.get(openid)
        return None if person is None else self.get_relation(account, person)

    def relations(self, account: Account) -> list[Relation]:
        """Return everyone who ever met the account."""
        return [relation for (appid, _), relation in self._relations.items() if appid == account.appid]

    def followers(self, account: Account) -> list[Relation]:
        """Return the followers in the order of their openids' follow."""
        mine = (relation for relation in self.relations(account) if relation.following)
        return sorted(mine, key=follow_order)

    def new_id(self, at: float) -> int:
        """Return a rising 64-bit id, above 2**53 like the platform's."""
        self._last_id = max(self._last_id + 1, int(at * 1000) * 1_000_000)
        return self._last_id

    # Conversations

    def deliver(
        self,
        relation: Relation,
        kind: str,
        body: dict[str, Any],
        at: float,
        *,
        msgid: int | None = None,
        client_msg_id: str | None = None,
    ) -> Line:
        """Put a message of the account into the conversation.

        A template message to someone who blocks them is logged as ``blocked`` and never seen.
        """
        blocked = kind == "template" and relation.blocks_messages
        direction = "blocked" if blocked else "to_person"
        line = self.write(relation, direction, kind, at, body, msgid=msgid, client_msg_id=client_msg_id)
        if client_msg_id is not None and msgid is not None:
            self._remember_intent(relation, client_msg_id, msgid, at)
        if not blocked:
            self.on_received(relation, line)
        return line

    def note(self, relation: Relation, text: str, at: float) -> None:
        """Put a notice of the platform itself into the conversation."""
        self.write(relation, "note", "notice", at, {"text": text})

    # Idempotency

    def find_intent(self, relation: Relation, client_msg_id: str, at: float) -> int | None:
        """Return the msgid an identical ``client_msg_id`` got within the last ten minutes."""
        known = self._intents.get((relation.appid, relation.openid, client_msg_id))
        return known[0] if known is not None and at - known[1] < CLIENT_MSG_ID_S else None

    def _remember_intent(self, relation: Relation, client_msg_id: str, msgid: int, at: float) -> None:
        if len(self._intents) >= _INTENTS_MAX:
            alive = {key: value for key, value in self._intents.items() if at - value[1] < CLIENT_MSG_ID_S}
            self._intents = alive
        self._intents[relation.appid, relation.openid, client_msg_id] = (msgid, at)

    # Telling accounts

    def emit(
        self,
        account: Account,
        relation: Relation,
        event: str,
        at: float,
        fields: dict[str, XmlValue],
        *,
        msgid: int | None = None,
        expects_reply: bool = False,
        is_report: bool = False,
        line: int | None = None,
    ) -> None:
        create_time = relation.next_create_time(at)
        self.store.write_relation(relation.appid, relation.person, relation)
        head: dict[str, XmlValue] = {
            "ToUserName": account.original_id,
            "FromUserName": relation.openid,
            "CreateTime": create_time,
        }
        self.on_callback(
            Callback(
                account=account,
                relation=relation,
                openid=relation.openid,
                event=event,
                create_time=create_time,
                fields=head | fields,
                msgid=msgid,
                expects_reply=expects_reply,
                is_report=is_report,
                line=line,
            )
        )

    def emit_for_account(self, account: Account, event: str, at: float, fields: dict[str, XmlValue]) -> None:
        """Report an event that concerns the account as a whole; its sender is the account's owner."""
        owner = "o" + account.original_id.removeprefix("gh_").ljust(27, "0")[:27]
        head: dict[str, XmlValue] = {
            "ToUserName": account.original_id,
            "FromUserName": owner,
            "CreateTime": int(at),
            "MsgType": "event",
            "Event": event,
        }
        self.on_callback(
            Callback(
                account=account,
                relation=None,
                openid=owner,
                event=event,
                create_time=int(at),
                fields=head | fields,
            )
        )

    def write(
        self,
        relation: Relation,
        direction: str,
        kind: str,
        at: float,
        body: dict[str, Any],
        *,
        msgid: int | None = None,
        client_msg_id: str | None = None,
    ) -> Line:
        line = Line(
            appid=relation.appid,
            person=relation.person,
            openid=relation.openid,
            direction=direction,
            kind=kind,
            at=at,
            body=body,
            msgid=msgid,
            client_msg_id=client_msg_id,
        )
        return replace(line, seq=self.store.append_line(line))


def follow_order(relation: Relation) -> tuple[int, str]:
    """Return the place of a relation in the follower list."""
    return relation.subscribe_time, relation.openid
