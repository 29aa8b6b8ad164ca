"""Performing acts on the platform, with what the account really offers at that moment."""

from typing import Final

from wechat_sandbox.accounts import Account
from wechat_sandbox.crowd.acts import (
    Act,
    AnswerRequest,
    Block,
    Follow,
    Say,
    Scan,
    ShowPicture,
    ShowPlace,
    Tap,
    Unfollow,
)
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.media import Media, MediaKind
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.state.qrcodes import QrCode, QrCodes
from wechat_sandbox.state.subscriptions import ACCEPT, REJECT, Subscriptions
from wechat_sandbox.taps import find_button
from wechat_sandbox.wire import samples
from wechat_sandbox.wire.xml import XmlValue
from wechat_sandbox.world import Unknown, World

# Buttons that need nothing more than a tap.
_PLAIN_BUTTONS: Final = frozenset({"click", "view", "miniprogram", "media_id", "article_id"})
_CODES_KEPT_S: Final = 600.0
_MADE_CODES_SHARE: Final = 0.7  # Of scans, once the account has made codes of its own.
_SCALE: Final = 16


class Hands:
    """What people's hands do. Nothing here decides: chances come with the acts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, tuple[float, list[QrCode]]] = {}

    def perform(self, act: Act, account: Account, person: int, at: float) -> bool:
        """Perform an act and tell whether it took effect: who has left in the meantime does nothing."""
        if isinstance(act, Follow | Scan):
            self._meet(act, account, person, at)
            return True
        relation = self._world.get_relation(account, person)
        if not relation.following:
            return False
        match act:
            case Unfollow():
                self._world.unfollow(account, person, at)
            case Tap():
                return self._tap(act, account, relation, at)
            case Say():
                self._world.say(account, person, at, text=act.text, menu_item=act.menu_item)
            case ShowPicture():
                self._show_picture(account, person, at)
            case ShowPlace():
                self._show_place(act, account, person, at)
            case AnswerRequest():
                return self._answer_request(act, account, person, at)
            case Block():
                self._block(account, relation, at)
        return True

    def _meet(self, act: Follow | Scan, account: Account, person: int, at: float) -> None:
        code = self._choose_code(account, act.pick, at) if isinstance(act, Scan) or act.qr_scene else None
        if code is not None:
            self._world.scan(account, person, at, code=code)
        elif isinstance(act, Scan):
            self._world.scan(account, person, at, qr_scene=act.qr_scene)
        else:
            self._world.follow(account, person, at, scene=act.scene, qr_scene=act.qr_scene)

    def _choose_code(self, account: Account, pick: float, at: float) -> QrCode | None:
        """Return one of the codes the account has made, None for a printed one."""
        if pick >= _MADE_CODES_SHARE:
            return None
        made = self._made_codes(account, at)
        codes = [code for code in made if code.expires_at is None or at < code.expires_at]
        return codes[int(pick / _MADE_CODES_SHARE * len(codes))] if codes else None

    def _made_codes(self, account: Account, at: float) -> list[QrCode]:
        """Return the account's codes, read anew after a while: there may be very many."""
        kept = self._codes.get(account.appid)
        if kept is None or not 0 <= at - kept[0] < _CODES_KEPT_S:
            kept = at, QrCodes(self._world).all(account)
            self._codes[account.appid] = kept
        return kept[1]

    def _tap(self, act: Tap, account: Account, relation: Relation, at: float) -> bool:
        menu = Menus(self._world, account).shown_to(relation)
        try:
            find_button(menu, act.button)
            name = act.button
        except Unknown:  # The account has made another menu: try what is there.
            plain = [leaf for leaf in menu.leaves() if leaf.get("type") in _PLAIN_BUTTONS]
            if not plain:
                return False
            leaf = plain[int(act.pick * len(plain))]
            name = leaf.get("key") or leaf.get("url") or leaf["name"]
        self._world.tap_menu(account, relation.person, at, button=name)
        return True

    def _show_place(self, act: ShowPlace, account: Account, person: int, at: float) -> None:
        fields: dict[str, XmlValue] = {
            "MsgType": "location",
            "Location_X": act.latitude,
            "Location_Y": act.longitude,
            "Scale": _SCALE,
            "Label": act.label,
        }
        self._world.send(account, person, at, fields)

    def _show_picture(self, account: Account, person: int, at: float) -> None:
        content = samples.picture(person)
        file = Media(self._world, account).add(MediaKind.IMAGE, content, at, name="", permanent=False)
        fields: dict[str, XmlValue] = {"MsgType": "image", "PicUrl": file.url, "MediaId": file.media_id}
        self._world.send(account, person, at, fields)

    def _answer_request(self, act: AnswerRequest, account: Account, person: int, at: float) -> bool:
        mine = Subscriptions(self._world, account)
        asked = mine.all()[: len(act.chances)]
        answers = {
            notice.template_id: ACCEPT if chance < act.openness else REJECT
            for notice, chance in zip(asked, act.chances, strict=False)
        }
        if answers:
            mine.answer(person, answers, at, scene=1)
        return bool(answers)

    def _block(self, account: Account, relation: Relation, at: float) -> None:
        relation.blocks_messages = True
        self._world.save_relation(relation)
        mine = Subscriptions(self._world, account)
        for notice in mine.all():
            allowance = mine.allowance(relation.person, notice.template_id)
            if allowance.credits or allowance.is_open:
                mine.withdraw(relation.person, notice.template_id, at)
