"""The platform's own state: accounts, who follows whom, and every conversation.

People act here (by the crowd or by hand) and accounts act here (through the API). Each act is
written before it is told to anyone. Nothing here does network work: callbacks and reactions go to
the listeners.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from wechat_sandbox.accounts import Account, MenuButton, Mint, openid_of, unionid_of
from wechat_sandbox.relations import FollowScene, Relation
from wechat_sandbox.storage import Line, Storage
from wechat_sandbox.tokens import TokenBook
from wechat_sandbox.windows import Trigger, spend
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

CLIENT_MSG_ID_S = 600
_INTENTS_MAX = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A message or event the platform reports to an account."""

    account: Account
    relation: Relation
    event: str  # The value of ``Event``, or ``message:<type>``.
    create_time: int
    fields: dict[str, XmlValue]
    msgid: int | None = None
    expects_reply: bool = False  # The person waits: without a proper answer they see a fault notice.
    is_report: bool = False  # The end of a job; comes a moment after the call that began it.
    line: int | None = None  # The entry of the conversation it reports.


class Unknown(LookupError):
    """No such account, person or button in this sandbox."""


class World:
    """Everything the platform knows, with the acts that change it."""

    def __init__(self, store: Storage, *, seed: int, people: int) -> None:
        self.store = store
        self.seed = seed
        self.people = people
        self.accounts: dict[str, Account] = {}
        self.books: dict[str, TokenBook] = {}
        self.on_callback: Callable[[Callback], None] = lambda callback: None
        self.on_received: Callable[[Relation, Line], None] = lambda relation, line: None
        self._relations: dict[tuple[str, int], Relation] = {}
        self._openids: dict[str, dict[str, int]] = {}
        self._intents: dict[tuple[str, str, str], tuple[int, float]] = {}
        self._last_id = int(store.read_meta("last_id") or 0)

    # Setting up

    def restore(self, at: float) -> None:
        """Load accounts, relations and recent idempotency keys of an earlier run."""
        for body in self.store.read_accounts():
            self._hold(Account.from_dict(body))
        for appid, person, body in self.store.read_relations():
            self._relations[appid, person] = msgspec.convert(body, Relation)
        recent = self.store.read_lines(
            "client_msg_id IS NOT NULL AND at > ?", (at - CLIENT_MSG_ID_S,), _INTENTS_MAX
        )
        for line in recent:
            self._intents[line.appid, line.openid, line.client_msg_id or ""] = (line.msgid or 0, line.at)

    def ensure_accounts(self, given: list[dict[str, str]]) -> None:
        """Make the configured accounts; those of an earlier run keep their secrets."""
        mint = Mint(self.seed)
        existing = list(self.accounts.values())
        for ordinal, values in enumerate(given):
            made = mint.account(ordinal, values)
            known = next((account for account in existing if account.appid == made.appid), None)
            if known is None and not values.get("appid") and ordinal < len(existing):
                known = existing[ordinal]
            account = known or made
            for name, value in values.items():
                if value:
                    setattr(account, name, value)
            self._hold(account)
            self.save_account(account)

    def save_account(self, account: Account) -> None:
        ordinal = list(self.accounts).index(account.appid)
        self.store.write_account(account.appid, ordinal, account.as_dict())

    def reset(self) -> None:
        """Forget follows, conversations and hits; accounts and tokens stay."""
        self.store.forget_play()
        self._relations.clear()
        self._intents.clear()

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
                unionid=unionid_of(str(self.seed), account.platform_id, person),
            )
            self._relations[account.appid, person] = relation
        return relation

    def find_relation(self, account: Account, openid: str) -> Relation | None:
        """Return the relation behind an openid of this account."""
        index = self._openids.get(account.appid)
        if index is None:
            seed = str(self.seed)
            index = {openid_of(seed, account.appid, person): person for person in range(self.people)}
            self._openids[account.appid] = index
        person = index.get(openid)
        return None if person is None else self.get_relation(account, person)

    def followers(self, account: Account) -> list[Relation]:
        """Return the followers in the order of their openids' follow."""
        mine = (
            relation
            for (appid, _), relation in self._relations.items()
            if appid == account.appid and relation.following
        )
        return sorted(mine, key=follow_order)

    def new_id(self, at: float) -> int:
        """Return a rising 64-bit id, above 2**53 like the platform's."""
        self._last_id = max(self._last_id + 1, int(at * 1000) * 1_000_000)
        return self._last_id

    # What people do

    def follow(
        self, account: Account, person: int, at: float, *, scene: FollowScene, qr_scene: str = ""
    ) -> None:
        """A person follows; through a QR code with its scene. Following twice is a scan or nothing."""
        relation = self.get_relation(account, person)
        if relation.following:
            if qr_scene:
                self.scan(account, person, at, qr_scene=qr_scene)
            return
        relation.following = True
        relation.subscribe_time = int(at)
        relation.subscribe_scene = scene.value
        relation.qr_scene = qr_scene
        relation.grant(Trigger.FOLLOW, at)
        fields: dict[str, XmlValue] = {"EventKey": ""}
        if qr_scene:
            fields = {"EventKey": f"qrscene_{qr_scene}", "Ticket": ticket_of(account, qr_scene)}
        self._report_event(account, relation, "subscribe", at, fields)

    def unfollow(self, account: Account, person: int, at: float) -> None:
        """A person stops following: every open budget ends."""
        relation = self.get_relation(account, person)
        if not relation.following:
            return
        relation.following = False
        relation.grants = {}
        self._report_event(account, relation, "unsubscribe", at, {"EventKey": ""})

    def scan(self, account: Account, person: int, at: float, *, qr_scene: str) -> None:
        """A person scans a code of the account; one who does not follow yet follows by it."""
        relation = self.get_relation(account, person)
        if not relation.following:
            self.follow(account, person, at, scene=FollowScene.QR_CODE, qr_scene=qr_scene)
            return
        relation.grant(Trigger.SCAN, at)
        fields: dict[str, XmlValue] = {"EventKey": qr_scene, "Ticket": ticket_of(account, qr_scene)}
        self._report_event(account, relation, "SCAN", at, fields)

    def tap_menu(self, account: Account, person: int, at: float, *, button: str) -> None:
        """A follower taps a menu button, named by its key, URL or label."""
        relation = self._get_follower(account, person)
        chosen = self._find_button(account, button)
        if chosen.type == "click":
            relation.grant(Trigger.CLICK, at)
            self._report_event(account, relation, "CLICK", at, {"EventKey": chosen.key}, expects_reply=True)
        else:
            fields: dict[str, XmlValue] = {"EventKey": chosen.url, "MenuId": 424242424}
            self._report_event(account, relation, "VIEW", at, fields)

    def say(self, account: Account, person: int, at: float, *, text: str, menu_item: str = "") -> None:
        """A follower writes a text, or taps an item of a ``msgmenu`` message."""
        relation = self._get_follower(account, person)
        # A tap on a menu message counts as a menu click, not as a message.
        relation.grant(Trigger.CLICK if menu_item else Trigger.MESSAGE, at)
        fields: dict[str, XmlValue] = {"MsgType": "text", "Content": text}
        fields["MsgId"] = msgid = self.new_id(at)
        if menu_item:
            fields["bizmsgmenuid"] = menu_item
        self._report(account, relation, "message:text", at, fields, msgid=msgid, expects_reply=True)

    # What reaches people

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
        line = self._write(relation, direction, kind, at, body, msgid=msgid, client_msg_id=client_msg_id)
        if client_msg_id is not None and msgid is not None:
            self._remember_intent(relation, client_msg_id, msgid, at)
        if not blocked:
            self.on_received(relation, line)
        return line

    def note(self, relation: Relation, text: str, at: float) -> None:
        """Put a notice of the platform itself into the conversation."""
        self._write(relation, "note", "notice", at, {"text": text})

    def spend_grant(self, relation: Relation, at: float) -> None:
        """Pay for one customer-service message, or raise 45015 / 45047."""
        if not relation.following:
            raise PlatformError(45015)
        relation.grants = spend(relation.grants, at)

    def find_intent(self, relation: Relation, client_msg_id: str, at: float) -> int | None:
        """Return the msgid an identical ``client_msg_id`` got within the last ten minutes."""
        known = self._intents.get((relation.appid, relation.openid, client_msg_id))
        return known[0] if known is not None and at - known[1] < CLIENT_MSG_ID_S else None

    def report_template_outcome(self, account: Account, relation: Relation, at: float, msgid: int) -> None:
        """Tell the account how a template message ended."""
        status = "failed:user block" if relation.blocks_messages else "success"
        fields: dict[str, XmlValue] = {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        }
        self._emit(account, relation, "TEMPLATESENDJOBFINISH", at, fields, is_report=True)

    # Inside

    def _get_follower(self, account: Account, person: int) -> Relation:
        relation = self.get_relation(account, person)
        if not relation.following:
            raise Unknown(f"person {person} does not follow {account.appid}")
        return relation

    def _find_button(self, account: Account, button: str) -> MenuButton:
        for candidate in account.menu:
            if button in (candidate.key, candidate.url, candidate.name) and button:
                return candidate
        raise Unknown(f"no menu button {button}")

    def _report_event(
        self,
        account: Account,
        relation: Relation,
        event: str,
        at: float,
        fields: dict[str, XmlValue],
        *,
        expects_reply: bool = False,
    ) -> None:
        whole: dict[str, XmlValue] = {"MsgType": "event", "Event": event, **fields}
        self._report(account, relation, event, at, whole, expects_reply=expects_reply)

    def _report(
        self,
        account: Account,
        relation: Relation,
        event: str,
        at: float,
        fields: dict[str, XmlValue],
        *,
        msgid: int | None = None,
        expects_reply: bool = False,
    ) -> None:
        kind = event if event.startswith("message:") else f"event:{event}"
        line = self._write(relation, "from_person", kind, at, dict(fields), msgid=msgid)
        self._emit(
            account, relation, event, at, fields, msgid=msgid, expects_reply=expects_reply, line=line.seq
        )

    def _emit(
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
                event=event,
                create_time=create_time,
                fields=head | fields,
                msgid=msgid,
                expects_reply=expects_reply,
                is_report=is_report,
                line=line,
            )
        )

    def _write(
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

    def _remember_intent(self, relation: Relation, client_msg_id: str, msgid: int, at: float) -> None:
        if len(self._intents) >= _INTENTS_MAX:
            alive = {key: value for key, value in self._intents.items() if at - value[1] < CLIENT_MSG_ID_S}
            self._intents = alive
        self._intents[relation.appid, relation.openid, client_msg_id] = (msgid, at)


def follow_order(relation: Relation) -> tuple[int, str]:
    """Return the place of a relation in the follower list."""
    return relation.subscribe_time, relation.openid


def ticket_of(account: Account, qr_scene: str) -> str:
    """Return the ticket of a QR code: ``gQ…==`` like the platform's."""
    digest = hashlib.sha512(f"{account.appid}:{qr_scene}".encode()).digest()
    return "gQ" + base64.urlsafe_b64encode(digest + digest[:6]).decode()[:92] + "=="
