"""The platform in motion: people act here (by the crowd or by hand) and accounts act through the API."""

from wechat_sandbox import taps
from wechat_sandbox.accounts import Account
from wechat_sandbox.relations import FollowScene, Relation
from wechat_sandbox.state.autoreply import find_autoreply
from wechat_sandbox.state.core import CLIENT_MSG_ID_S, Callback, Core, Unknown, follow_order
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.kf_sessions import Sessions
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.state.qrcodes import QrCode, QrCodes, make_ticket
from wechat_sandbox.taps import Done, find_button
from wechat_sandbox.windows import Trigger, spend
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

__all__ = ["CLIENT_MSG_ID_S", "Callback", "Unknown", "World", "follow_order", "ticket_of"]

# ``msg_type`` of the statistics.
MESSAGE_SOURCES = {"text": 1, "image": 2, "voice": 3, "video": 4, "shortvideo": 4, "link": 6}


class World(Core):
    """Everything the platform knows, with the acts that change it."""

    # What people do

    def follow(
        self,
        account: Account,
        person: int,
        at: float,
        *,
        scene: FollowScene,
        qr_scene: str = "",
        code: QrCode | None = None,
    ) -> None:
        """A person follows; through a QR code with its scene. Following twice is a scan or nothing."""
        relation = self.get_relation(account, person)
        if relation.following:
            if qr_scene or code:
                self.scan(account, person, at, qr_scene=qr_scene, code=code)
            return
        relation.following = True
        relation.subscribe_time = int(at)
        relation.subscribe_scene = scene.value
        relation.qr_scene = code.scene if code else qr_scene
        relation.qr_scene_is_text = code.is_text if code else False
        relation.grant(Trigger.FOLLOW, at)
        self.facts.record(account.appid, FactKind.FOLLOW, at, person=person, source=scene.user_source)
        fields: dict[str, XmlValue] = {"EventKey": ""}
        if relation.qr_scene:
            ticket = code.ticket if code else ticket_of(account, qr_scene)
            fields = {"EventKey": f"qrscene_{relation.qr_scene}", "Ticket": ticket}
        self.report_event(account, relation, "subscribe", at, fields)

    def unfollow(self, account: Account, person: int, at: float) -> None:
        """A person stops following: every open budget ends, and they come off all tags."""
        relation = self.get_relation(account, person)
        if not relation.following:
            return
        relation.following = False
        relation.grants = {}
        relation.tagid_list = []
        source = FollowScene(relation.subscribe_scene).user_source
        self.facts.record(account.appid, FactKind.UNFOLLOW, at, person=person, source=source)
        self.report_event(account, relation, "unsubscribe", at, {"EventKey": ""})

    def scan(
        self, account: Account, person: int, at: float, *, qr_scene: str = "", code: QrCode | None = None
    ) -> None:
        """A person scans a code of the account; one who does not follow yet follows by it."""
        relation = self.get_relation(account, person)
        if not relation.following:
            self.follow(account, person, at, scene=FollowScene.QR_CODE, qr_scene=qr_scene, code=code)
            return
        relation.grant(Trigger.SCAN, at)
        scene, ticket = (code.scene, code.ticket) if code else (qr_scene, ticket_of(account, qr_scene))
        self.report_event(account, relation, "SCAN", at, {"EventKey": scene, "Ticket": ticket})

    def scan_code(self, person: int, at: float, *, mark: str) -> Account:
        """A person scans the image of a ticket, or the address inside it; return whose code it is.

        Raises:
            Unknown: no such code, or one that has expired.
        """
        codes = QrCodes(self)
        code = codes.find(mark) or codes.find_by_url(mark)
        if code is None:
            raise Unknown("no such QR code")
        if code.expires_at is not None and at >= code.expires_at:
            raise Unknown("this QR code has expired")
        account = self.get_account(code.appid)
        self.scan(account, person, at, code=code)
        return account

    def tap_menu(
        self, account: Account, person: int, at: float, *, button: str, done: Done | None = None
    ) -> None:
        """A follower taps a menu button they see, named by its key, address, file, article or label."""
        relation = self.get_follower(account, person)
        menu = Menus(self, account).shown_to(relation)
        chosen = find_button(menu, button)
        tap = taps.tap(chosen, menu.menuid, done or Done())
        if tap.opens_window:
            relation.grant(Trigger.CLICK, at)
        if tap.event:
            self.report_event(
                account, relation, tap.event, at, tap.fields, expects_reply=tap.event == "CLICK"
            )
        if tap.shows:
            self.deliver(relation, f"menu:{chosen['type']}", tap.shows, at)

    def say(
        self,
        account: Account,
        person: int,
        at: float,
        *,
        text: str,
        menu_item: str = "",
        article: tuple[int, int] | None = None,
    ) -> None:
        """A follower writes a text, or taps an item of a ``msgmenu`` message.

        ``article`` is (message data id, index from 1) when they write from under an article.
        """
        fields: dict[str, XmlValue] = {"MsgType": "text", "Content": text}
        extra: dict[str, XmlValue] = {"bizmsgmenuid": menu_item} if menu_item else {}
        if article is not None:
            extra |= {"MsgDataId": str(article[0]), "Idx": article[1]}
        # A tap on a menu message counts as a menu click, not as a message.
        trigger = Trigger.CLICK if menu_item else Trigger.MESSAGE
        self.send(account, person, at, fields, trigger=trigger, extra=extra)

    def send(
        self,
        account: Account,
        person: int,
        at: float,
        fields: dict[str, XmlValue],
        *,
        trigger: Trigger = Trigger.MESSAGE,
        extra: dict[str, XmlValue] | None = None,
    ) -> None:
        """A follower sends a message of any kind; ``fields`` begin with ``MsgType``."""
        relation = self.get_follower(account, person)
        relation.grant(trigger, at)
        kind = str(fields["MsgType"])
        msgid = self.new_id(at)
        whole: dict[str, XmlValue] = {**fields, "MsgId": msgid, **(extra or {})}
        if kind in MESSAGE_SOURCES:
            source = MESSAGE_SOURCES[kind]
            self.facts.record(account.appid, FactKind.MESSAGE, at, person=person, source=source)
        self.report(account, relation, f"message:{kind}", at, whole, msgid=msgid, expects_reply=True)

    # What reaches people

    def spend_grant(self, relation: Relation, at: float) -> None:
        """Pay for one customer-service message, or raise 45015 / 45047."""
        if relation.blacklisted:
            raise PlatformError(43019)
        if not relation.following and not self.get_account(relation.appid).is_mini_program:
            raise PlatformError(45015)
        relation.grants = spend(relation.grants, at)

    def report_template_outcome(
        self, account: Account, relation: Relation, at: float, msgid: int, *, failure: str = ""
    ) -> None:
        """Tell the account how a template message ended."""
        status = failure or ("failed:user block" if relation.blocks_messages else "success")
        fields: dict[str, XmlValue] = {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        }
        self.emit(account, relation, "TEMPLATESENDJOBFINISH", at, fields, is_report=True)

    # Inside

    def get_follower(self, account: Account, person: int) -> Relation:
        relation = self.get_relation(account, person)
        # Nobody follows a mini program: whoever opens it can write to it.
        if not relation.following and not account.is_mini_program:
            raise Unknown(f"person {person} does not follow {account.appid}")
        return relation

    def report_event(
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
        self.report(account, relation, event, at, whole, expects_reply=expects_reply)

    def report(
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
        relation.heard_at = at
        line = self.write(relation, "from_person", kind, at, dict(fields), msgid=msgid)
        if not account.callback_url:
            self._reply_automatically(account, relation, event, at, fields)
        if relation.blacklisted and event.startswith("message:"):
            self.save_relation(relation)
            return  # Who is on the black list writes in vain.
        if event.startswith("message:") and Sessions(self, account).hear(relation, _spoken(fields), at):
            self.save_relation(relation)
            return  # The staff hears them, the callback address does not.
        self.emit(
            account, relation, event, at, fields, msgid=msgid, expects_reply=expects_reply, line=line.seq
        )

    def _reply_automatically(
        self, account: Account, relation: Relation, event: str, at: float, fields: dict[str, XmlValue]
    ) -> None:
        """Answer as set in the console; a callback address switches these replies off."""
        replies = find_autoreply(self, account)
        texts: tuple[str, ...] = ()
        if event == "subscribe" and replies.on_follow:
            texts = (replies.on_follow,)
        elif event == "message:text":
            texts = replies.replies_to(str(fields["Content"]))
        for text in texts:
            self.deliver(relation, "autoreply:text", {"Content": text}, at)


def _spoken(fields: dict[str, XmlValue]) -> str:
    return str(fields.get("Content", f"[{fields['MsgType']}]"))


def ticket_of(account: Account, qr_scene: str) -> str:
    """Return the ticket of a printed code the account never made through the API."""
    return make_ticket(f"{account.appid}:{qr_scene}")
