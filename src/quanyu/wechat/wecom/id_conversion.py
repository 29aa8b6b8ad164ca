"""One person, many ids: of WeChat, of the corp, of a provider, and temporary ones.

By unionid: 100,000 an hour, 480,000 a day, 7,500,000 a month. Source: developer.work.weixin.qq.com,
external_userid与openid的转换 (path 93274), 与服务商的转换 (95195, 95884), 公众号粉丝转换 (95900, 97357),
tmp_external_userid的转换 (98729), 接口ID的加密转换 (97063, 97108); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Part, Request
from quanyu.wechat.wecom.declaring import ask

TEMPORARY_MAX: Final = 100


class ExternalUserId(Request, frozen=True):
    external_userid: str


class OpenIdAnswer(Answer, frozen=True):
    openid: str


class UnionIdRequest(Request, frozen=True):
    unionid: str
    openid: str  # Of the same person, in an app bound to the same open platform account.


class ExternalUserIdAnswer(Answer, frozen=True):
    external_userid: str = ""


class UnionIdPendingRequest(Request, frozen=True):
    unionid: str
    openid: str
    subject_type: Literal[0, 1] = 0  # Whose the app is: 0 the corp's, 1 the provider's.


class PendingAnswer(Answer, frozen=True):
    """A customer's id, or for somebody who is none yet a pending id, good for 90 days."""

    external_userid: str = ""
    pending_id: str = ""


class PendingRequest(Request, frozen=True, kw_only=True):
    external_userid: tuple[str, ...]
    chat_id: str = ""


class PendingPair(Part, frozen=True):
    external_userid: str
    pending_id: str = ""


class PendingPairs(Answer, frozen=True):
    result: tuple[PendingPair, ...] = ()


class FromServiceRequest(Request, frozen=True):
    external_userid: str
    source_agentid: int


class TemporaryRequest(Request, frozen=True):
    business_type: int  # 1 meeting, 2 collection form, 3 archive of chats.
    user_type: int  # 1 customer, 2 member of another corp, 3 of up- or downstream, 4 of a linked corp.
    tmp_external_userid_list: tuple[str, ...]  # At most ``TEMPORARY_MAX``.


class TemporaryPair(Part, frozen=True, kw_only=True):
    tmp_external_userid: str
    external_userid: str = ""
    corpid: str = ""
    userid: str = ""


class TemporaryPairs(Answer, frozen=True):
    results: tuple[TemporaryPair, ...] = ()
    invalid_tmp_external_userid_list: tuple[str, ...] = ()


class TagIds(Request, frozen=True):
    external_tagid_list: tuple[str, ...]


class TagPair(Part, frozen=True):
    external_tagid: str
    open_external_tagid: str = ""


class TagPairs(Answer, frozen=True):
    items: tuple[TagPair, ...] = ()
    invalid_external_tagid_list: tuple[str, ...] = ()


class KfIds(Request, frozen=True):
    open_kfid_list: tuple[str, ...]


class KfPair(Part, frozen=True):
    open_kfid: str
    new_open_kfid: str = ""


class KfPairs(Answer, frozen=True):
    items: tuple[KfPair, ...] = ()
    invalid_open_kfid_list: tuple[str, ...] = ()


class ChatIds(Request, frozen=True):
    chat_id_list: tuple[str, ...]


class ChatPair(Part, frozen=True):
    chat_id: str
    new_chat_id: str = ""


class ChatPairs(Answer, frozen=True):
    items: tuple[ChatPair, ...] = ()
    invalid_chat_id_list: tuple[str, ...] = ()


class OldIds(Request, frozen=True):
    external_userid_list: tuple[str, ...]


class OldIdsInGroup(Request, frozen=True):
    chat_id: str
    external_userid_list: tuple[str, ...]


class NewId(Part, frozen=True):
    external_userid: str
    new_external_userid: str = ""


class NewIds(Answer, frozen=True):
    items: tuple[NewId, ...] = ()


TO_OPENID: Final = ask("/externalcontact/convert_to_openid", ExternalUserId, OpenIdAnswer)
BY_UNIONID: Final = ask("/externalcontact/unionid_to_external_userid", UnionIdRequest, ExternalUserIdAnswer)
BY_UNIONID_OR_PENDING: Final = ask(
    "/idconvert/unionid_to_external_userid", UnionIdPendingRequest, PendingAnswer
)
TO_PENDING: Final = ask("/idconvert/batch/external_userid_to_pending_id", PendingRequest, PendingPairs)
TO_SERVICE: Final = ask("/externalcontact/to_service_external_userid", ExternalUserId, ExternalUserIdAnswer)
FROM_SERVICE: Final = ask(
    "/externalcontact/from_service_external_userid", FromServiceRequest, ExternalUserIdAnswer
)
TEMPORARY: Final = ask("/idconvert/convert_tmp_external_userid", TemporaryRequest, TemporaryPairs)
TAGS: Final = ask("/idconvert/external_tagid", TagIds, TagPairs)
SERVICE_ACCOUNTS: Final = ask("/idconvert/open_kfid", KfIds, KfPairs)
GROUPS: Final = ask("/idconvert/chatid", ChatIds, ChatPairs)
NEW_IDS: Final = ask("/externalcontact/get_new_external_userid", OldIds, NewIds)
NEW_IDS_IN_GROUP: Final = ask("/externalcontact/groupchat/get_new_external_userid", OldIdsInGroup, NewIds)
