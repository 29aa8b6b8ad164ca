"""A person at an account: following or not, budgets for answers, the facts of the follow."""

from dataclasses import dataclass, field
from enum import StrEnum

from wechat_sandbox.windows import Grant, Trigger, open_grant


class FollowScene(StrEnum):
    """How a person came to follow (``subscribe_scene``)."""

    SEARCH = "ADD_SCENE_SEARCH"
    QR_CODE = "ADD_SCENE_QR_CODE"
    PROFILE_CARD = "ADD_SCENE_PROFILE_CARD"
    PROFILE_LINK = "ADD_SCENE_PROFILE_LINK"
    PAID = "ADD_SCENE_PAID"
    WXA = "ADD_SCENE_WXA"
    PROFILE_ITEM = "ADD_SCENE_PROFILE_ITEM"
    ADVERTISEMENT = "ADD_SCENE_WECHAT_ADVERTISEMENT"
    MIGRATION = "ADD_SCENE_ACCOUNT_MIGRATION"
    REPRINT = "ADD_SCENE_REPRINT"
    LIVESTREAM = "ADD_SCENE_LIVESTREAM"
    CHANNELS = "ADD_SCENE_CHANNELS"
    OTHERS = "ADD_SCENE_OTHERS"

    @property
    def user_source(self) -> int:
        """The number the statistics of followers use for the same way."""
        return _USER_SOURCES.get(self, 0)


_USER_SOURCES = {
    FollowScene.SEARCH: 1,
    FollowScene.PROFILE_CARD: 17,
    FollowScene.QR_CODE: 30,
    FollowScene.PROFILE_ITEM: 43,
    FollowScene.PAID: 51,
    FollowScene.PROFILE_LINK: 57,
    FollowScene.ADVERTISEMENT: 75,
}


@dataclass(slots=True, kw_only=True)
class Relation:
    """State of one person at one account. Instants are virtual epoch seconds."""

    appid: str
    person: int
    openid: str
    unionid: str
    following: bool = False
    subscribe_time: int = 0
    subscribe_scene: str = ""
    qr_scene: str = ""
    qr_scene_is_text: bool = False  # Made as ``scene_str``, though it may look like a number.
    tagid_list: list[int] = field(default_factory=list)  # In the order they were applied.
    blacklisted: bool = False
    remark: str = ""
    blocks_messages: bool = False  # Template messages end as ``failed:user block``.
    refuses_messages: bool = False  # The call itself is refused with 43101.
    last_create_time: int = 0
    mass_month: str = ""  # The month ``mass_received`` counts.
    mass_received: int = 0
    heard_at: float = 0.0  # When they last did something the account could see.
    grants: dict[str, Grant] = field(default_factory=dict)

    def next_create_time(self, at: float) -> int:
        """Return a ``CreateTime`` above the last one, so that two events never look alike."""
        self.last_create_time = max(int(at), self.last_create_time + 1)
        return self.last_create_time

    def grant(self, trigger: Trigger, at: float) -> None:
        """Open the budget of a trigger, dropping what has ended."""
        alive = {name: grant for name, grant in self.grants.items() if at < grant.expires_at}
        self.grants = alive | {trigger.value: open_grant(trigger, at)}

    def as_user_info(self, language: str) -> dict[str, object]:
        """Return what ``user/info`` tells; profile fields come back empty since 2021-12-27."""
        union = {"unionid": self.unionid} if self.unionid else {}
        if not self.following:
            return {"subscribe": 0, "openid": self.openid} | union
        is_number = self.qr_scene.isdecimal() and not self.qr_scene_is_text
        scene_id = int(self.qr_scene) if is_number else 0
        return {
            "subscribe": 1,
            "openid": self.openid,
            "nickname": "",
            "sex": 0,
            "language": language,
            "city": "",
            "province": "",
            "country": "",
            "headimgurl": "",
            "subscribe_time": self.subscribe_time,
            **union,
            "remark": self.remark,
            "groupid": self.tagid_list[0] if self.tagid_list else 0,
            "tagid_list": list(self.tagid_list),
            "subscribe_scene": self.subscribe_scene,
            "qr_scene": scene_id,
            "qr_scene_str": "" if scene_id else self.qr_scene,
        }
