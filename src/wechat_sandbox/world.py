"""The platform in motion: people act here (by the crowd or by hand) and accounts act through the API."""

from wechat_sandbox.accounts import Account, MenuButton
from wechat_sandbox.relations import FollowScene, Relation
from wechat_sandbox.state.core import CLIENT_MSG_ID_S, Callback, Core, Unknown, follow_order
from wechat_sandbox.state.facts import FactKind
from wechat_sandbox.state.qrcodes import QrCode, QrCodes, make_ticket
from wechat_sandbox.windows import Trigger, spend
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import XmlValue

__all__ = ["CLIENT_MSG_ID_S", "Callback", "Unknown", "World", "follow_order", "ticket_of"]


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

    def tap_menu(self, account: Account, person: int, at: float, *, button: str) -> None:
        """A follower taps a menu button, named by its key, URL or label."""
        relation = self._get_follower(account, person)
        chosen = self._find_button(account, button)
        if chosen.type == "click":
            relation.grant(Trigger.CLICK, at)
            self.report_event(account, relation, "CLICK", at, {"EventKey": chosen.key}, expects_reply=True)
        else:
            fields: dict[str, XmlValue] = {"EventKey": chosen.url, "MenuId": 424242424}
            self.report_event(account, relation, "VIEW", at, fields)

    def say(self, account: Account, person: int, at: float, *, text: str, menu_item: str = "") -> None:
        """A follower writes a text, or taps an item of a ``msgmenu`` message."""
        relation = self._get_follower(account, person)
        # A tap on a menu message counts as a menu click, not as a message.
        relation.grant(Trigger.CLICK if menu_item else Trigger.MESSAGE, at)
        fields: dict[str, XmlValue] = {"MsgType": "text", "Content": text}
        fields["MsgId"] = msgid = self.new_id(at)
        if menu_item:
            fields["bizmsgmenuid"] = menu_item
        self.report(account, relation, "message:text", at, fields, msgid=msgid, expects_reply=True)

    # What reaches people

    def spend_grant(self, relation: Relation, at: float) -> None:
        """Pay for one customer-service message, or raise 45015 / 45047."""
        if relation.blacklisted:
            raise PlatformError(43019)
        if not relation.following:
            raise PlatformError(45015)
        relation.grants = spend(relation.grants, at)

    def report_template_outcome(self, account: Account, relation: Relation, at: float, msgid: int) -> None:
        """Tell the account how a template message ended."""
        status = "failed:user block" if relation.blocks_messages else "success"
        fields: dict[str, XmlValue] = {
            "MsgType": "event",
            "Event": "TEMPLATESENDJOBFINISH",
            "MsgID": msgid,
            "Status": status,
        }
        self.emit(account, relation, "TEMPLATESENDJOBFINISH", at, fields, is_report=True)

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
        line = self.write(relation, "from_person", kind, at, dict(fields), msgid=msgid)
        if relation.blacklisted and event.startswith("message:"):
            self.save_relation(relation)
            return  # Who is on the black list writes in vain.
        self.emit(
            account, relation, event, at, fields, msgid=msgid, expects_reply=expects_reply, line=line.seq
        )


def ticket_of(account: Account, qr_scene: str) -> str:
    """Return the ticket of a printed code the account never made through the API."""
    return make_ticket(f"{account.appid}:{qr_scene}")
