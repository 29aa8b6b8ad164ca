"""What the platform calls back with: messages people send, and events.

Source: developers.weixin.qq.com, 接收普通消息 and 接收事件推送 (read 2026). Fields keep the platform's
spelling. A type declares its fields in the order the platform writes them, which is all the parser
needs to know of it; unknown types, and known ones whose fields changed their form, come out as
``OtherMessage`` and ``OtherEvent`` with everything they carried.
"""

import hashlib
from typing import Annotated, Any, ClassVar

import msgspec

# Text that the platform writes as a plain number, without CDATA.
PlainText = Annotated[str, msgspec.Meta(extra={"plain": True})]


class Callback(msgspec.Struct, frozen=True):
    """What every callback carries."""

    ToUserName: str  # The account's original id, gh_…
    FromUserName: str  # The person's openid; the platform's own id in some account events.
    CreateTime: int  # Unix seconds.
    MsgType: str

    @property
    def delivery_key(self) -> str:
        """What stays the same when the platform delivers again, and differs otherwise, in one account."""
        raise NotImplementedError


class Message(Callback, frozen=True, kw_only=True):
    """Something a person sent. The common tail is declared last, as the platform writes it."""

    MsgId: int = 0
    MsgDataId: int = 0  # The article the person wrote from.
    Idx: int = 0  # Which article of it, from 1.
    BusinessId: int = 0  # The sub-merchant of a mini program they wrote to.

    @property
    def delivery_key(self) -> str:
        return str(self.MsgId) if self.MsgId else f"{self.FromUserName}:{self.CreateTime}:{self.MsgType}"


class TextMessage(Message, frozen=True):
    Content: str = ""
    bizmsgmenuid: str = ""  # The item tapped in a ``msgmenu``.


class ImageMessage(Message, frozen=True):
    PicUrl: str = ""
    MediaId: str = ""


class VoiceMessage(Message, frozen=True):
    MediaId: str = ""
    Format: str = ""
    Recognition: str = ""
    MediaId16K: str = ""


class VideoMessage(Message, frozen=True):
    """``video`` and ``shortvideo``."""

    MediaId: str = ""
    ThumbMediaId: str = ""


class LocationMessage(Message, frozen=True):
    Location_X: float = 0.0  # Latitude.
    Location_Y: float = 0.0  # Longitude.
    Scale: int = 0
    Label: str = ""


class LinkMessage(Message, frozen=True):
    Title: str = ""
    Description: str = ""
    Url: str = ""


class MiniProgramPageMessage(Message, frozen=True):
    Title: str = ""
    AppId: str = ""
    PagePath: str = ""
    ThumbUrl: str = ""
    ThumbMediaId: str = ""


class OtherMessage(Message, frozen=True):
    """A message of a type we have no words for; ``fields`` holds all of it."""

    fields: dict[str, Any] = {}


class Event(Callback, frozen=True):
    """Something that happened to a person or to the account."""

    Event: str

    # The field that tells two events of one person in one second apart.
    distinguished_by: ClassVar[str] = "EventKey"

    @property
    def delivery_key(self) -> str:
        apart = getattr(self, self.distinguished_by, "")
        return f"{self.FromUserName}:{self.CreateTime}:{self.Event}:{apart}"


class SubscribeEvent(Event, frozen=True):
    """A person followed; by a parameter QR code ``EventKey`` is ``qrscene_`` and its scene."""

    EventKey: str = ""
    Ticket: str = ""

    @property
    def scene(self) -> str:
        """The scene of the QR code, or empty."""
        return self.EventKey.removeprefix("qrscene_")


class UnsubscribeEvent(Event, frozen=True):
    EventKey: str = ""


class ScanEvent(Event, frozen=True):
    """A follower scanned a parameter QR code; ``EventKey`` is its scene as it is."""

    EventKey: str = ""
    Ticket: str = ""


class LocationEvent(Event, frozen=True):
    Latitude: float = 0.0
    Longitude: float = 0.0
    Precision: float = 0.0


class ClickEvent(Event, frozen=True):
    EventKey: str = ""


class ViewEvent(Event, frozen=True):
    EventKey: str = ""  # The address opened.
    MenuId: PlainText = ""


class ViewMiniProgramEvent(Event, frozen=True):
    EventKey: str = ""  # The page path opened.
    MenuId: PlainText = ""


class ScannedCode(msgspec.Struct, frozen=True):
    ScanType: str = ""
    ScanResult: str = ""


class ScanCodeEvent(Event, frozen=True):
    """``scancode_push`` and ``scancode_waitmsg``."""

    EventKey: str = ""
    ScanCodeInfo: ScannedCode = ScannedCode()


class Picture(msgspec.Struct, frozen=True):
    PicMd5Sum: str = ""


class PictureList(msgspec.Struct, frozen=True):
    item: tuple[Picture, ...] = ()


class SentPictures(msgspec.Struct, frozen=True):
    Count: int = 0
    PicList: PictureList = PictureList()


class SendPicturesEvent(Event, frozen=True):
    """``pic_sysphoto``, ``pic_photo_or_album`` and ``pic_weixin``."""

    EventKey: str = ""
    SendPicsInfo: SentPictures = SentPictures()


class SentLocation(msgspec.Struct, frozen=True):
    Location_X: float = 0.0
    Location_Y: float = 0.0
    Scale: int = 0
    Label: str = ""
    Poiname: str = ""


class LocationSelectEvent(Event, frozen=True):
    EventKey: str = ""
    SendLocationInfo: SentLocation = SentLocation()


class TemplateSendFinishedEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "MsgID"

    MsgID: int = 0
    Status: str = ""  # success, failed:user block, failed: system failed


class CopyrightItem(msgspec.Struct, frozen=True):
    ArticleIdx: int = 0
    UserDeclareState: int = 0
    AuditState: int = 0
    OriginalArticleUrl: str = ""
    OriginalArticleType: int = 0
    CanReprint: int = 0
    NeedReplaceContent: int = 0
    NeedShowReprintSource: int = 0


class CopyrightList(msgspec.Struct, frozen=True):
    item: tuple[CopyrightItem, ...] = ()


class CopyrightCheck(msgspec.Struct, frozen=True):
    Count: int = 0
    ResultList: CopyrightList = CopyrightList()
    CheckState: int = 0


class ArticleUrl(msgspec.Struct, frozen=True):
    ArticleIdx: int = 0
    ArticleUrl: str = ""


class ArticleUrlList(msgspec.Struct, frozen=True):
    item: tuple[ArticleUrl, ...] = ()


class ArticleUrls(msgspec.Struct, frozen=True):
    Count: int = 0
    ResultList: ArticleUrlList = ArticleUrlList()


class MassSendFinishedEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "MsgID"

    MsgID: int = 0
    Status: str = ""  # send success, send fail, err(num)
    TotalCount: int = 0
    FilterCount: int = 0
    SentCount: int = 0
    ErrorCount: int = 0
    CopyrightCheckResult: CopyrightCheck = CopyrightCheck()
    ArticleUrlResult: ArticleUrls = ArticleUrls()


class PublishedArticle(msgspec.Struct, frozen=True):
    idx: int = 0
    article_url: str = ""


class PublishedArticles(msgspec.Struct, frozen=True):
    count: int = 0
    item: tuple[PublishedArticle, ...] = ()


class PublishOutcome(msgspec.Struct, frozen=True):
    publish_id: str = ""
    publish_status: int = 0
    article_id: str = ""
    article_detail: PublishedArticles = PublishedArticles()
    fail_idx: tuple[int, ...] = ()


class PublishFinishedEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "publish_id"

    PublishEventInfo: PublishOutcome = PublishOutcome()

    @property
    def publish_id(self) -> str:
        return self.PublishEventInfo.publish_id


class SubscribeMessageItem(msgspec.Struct, frozen=True):
    TemplateId: str = ""
    SubscribeStatusString: str = ""  # accept or reject
    PopupScene: str = ""
    MsgID: str = ""
    ErrorCode: str = ""
    ErrorStatus: str = ""


class SubscribeMessageItems(msgspec.Struct, frozen=True):
    List: tuple[SubscribeMessageItem, ...] = ()


class SubscribeMessagePopupEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "templates"

    SubscribeMsgPopupEvent: SubscribeMessageItems = SubscribeMessageItems()

    @property
    def templates(self) -> str:
        return ",".join(item.TemplateId for item in self.SubscribeMsgPopupEvent.List)


class SubscribeMessageChangeEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "templates"

    SubscribeMsgChangeEvent: SubscribeMessageItems = SubscribeMessageItems()

    @property
    def templates(self) -> str:
        return ",".join(item.TemplateId for item in self.SubscribeMsgChangeEvent.List)


class SubscribeMessageSentEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "message_ids"

    SubscribeMsgSentEvent: SubscribeMessageItems = SubscribeMessageItems()

    @property
    def message_ids(self) -> str:
        return ",".join(item.MsgID for item in self.SubscribeMsgSentEvent.List)


class EnterSessionEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "SessionFrom"

    SessionFrom: str = ""


class ServiceSessionEvent(Event, frozen=True):
    """``kf_create_session`` and ``kf_close_session``."""

    distinguished_by: ClassVar[str] = "KfAccount"

    KfAccount: str = ""


class ServiceSwitchEvent(Event, frozen=True):
    distinguished_by: ClassVar[str] = "ToKfAccount"

    FromKfAccount: str = ""
    ToKfAccount: str = ""


class AuthorizationChangedEvent(Event, frozen=True):
    """``user_info_modified``, ``user_authorization_revoke`` and ``user_authorization_cancellation``."""

    distinguished_by: ClassVar[str] = "OpenID"

    OpenID: str = ""
    AppID: str = ""
    RevokeInfo: str = ""
    PluginID: str = ""
    OpenPID: str = ""


class CertificationEvent(Event, frozen=True):
    """The account's own certification: verified, named, renewed, expired, or not."""

    ExpiredTime: int = 0
    FailTime: int = 0
    FailReason: str = ""


class OtherEvent(Event, frozen=True):
    """An event we have no words for; ``fields`` holds all of it."""

    distinguished_by: ClassVar[str] = "digest"

    EventKey: str = ""
    fields: dict[str, Any] = {}

    @property
    def digest(self) -> str:
        """``EventKey``, or for want of one a digest of everything: a repeat carries the same body."""
        if self.EventKey:
            return self.EventKey
        return hashlib.blake2b(msgspec.json.encode(self.fields, order="sorted"), digest_size=8).hexdigest()


MESSAGE_TYPES: dict[str, type[Message]] = {
    "text": TextMessage,
    "image": ImageMessage,
    "voice": VoiceMessage,
    "video": VideoMessage,
    "shortvideo": VideoMessage,
    "location": LocationMessage,
    "link": LinkMessage,
    "miniprogrampage": MiniProgramPageMessage,
}

EVENT_TYPES: dict[str, type[Event]] = {
    "subscribe": SubscribeEvent,
    "unsubscribe": UnsubscribeEvent,
    "SCAN": ScanEvent,
    "LOCATION": LocationEvent,
    "CLICK": ClickEvent,
    "VIEW": ViewEvent,
    "view_miniprogram": ViewMiniProgramEvent,
    "scancode_push": ScanCodeEvent,
    "scancode_waitmsg": ScanCodeEvent,
    "pic_sysphoto": SendPicturesEvent,
    "pic_photo_or_album": SendPicturesEvent,
    "pic_weixin": SendPicturesEvent,
    "location_select": LocationSelectEvent,
    "TEMPLATESENDJOBFINISH": TemplateSendFinishedEvent,
    "MASSSENDJOBFINISH": MassSendFinishedEvent,
    "PUBLISHJOBFINISH": PublishFinishedEvent,
    "FREEPUBLISHJOBFINISH": PublishFinishedEvent,
    "subscribe_msg_popup_event": SubscribeMessagePopupEvent,
    "subscribe_msg_change_event": SubscribeMessageChangeEvent,
    "subscribe_msg_sent_event": SubscribeMessageSentEvent,
    "user_enter_tempsession": EnterSessionEvent,
    "kf_create_session": ServiceSessionEvent,
    "kf_close_session": ServiceSessionEvent,
    "kf_switch_session": ServiceSwitchEvent,
    "user_info_modified": AuthorizationChangedEvent,
    "user_authorization_revoke": AuthorizationChangedEvent,
    "user_authorization_cancellation": AuthorizationChangedEvent,
    "qualification_verify_success": CertificationEvent,
    "qualification_verify_fail": CertificationEvent,
    "naming_verify_success": CertificationEvent,
    "naming_verify_fail": CertificationEvent,
    "annual_renew": CertificationEvent,
    "verify_expired": CertificationEvent,
}
