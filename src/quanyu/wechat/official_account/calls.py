"""The calls of an official account. A new one is one declaration here and its types."""

from typing import Final

from quanyu.wechat.calls import Call, Done, Nothing
from quanyu.wechat.official_account import types

STABLE_TOKEN: Final = Call(
    "POST",
    "/cgi-bin/stable_token",
    types.StableTokenRequest,
    types.TokenAnswer,
    needs_token=False,
    repeatable=True,
)
CALLBACK_ADDRESSES: Final = Call(
    "GET", "/cgi-bin/getcallbackip", Nothing, types.AddressesAnswer, repeatable=True
)
QUOTA: Final = Call(
    "POST", "/cgi-bin/openapi/quota/get", types.QuotaRequest, types.QuotaAnswer, repeatable=True
)
USER_INFO: Final = Call("GET", "/cgi-bin/user/info", types.OpenId, types.UserInfo, repeatable=True)
USER_INFO_BATCH: Final = Call(
    "POST", "/cgi-bin/user/info/batchget", types.UserInfoBatch, types.UserInfoBatchAnswer, repeatable=True
)
FOLLOWERS: Final = Call(
    "GET", "/cgi-bin/user/get", types.FollowersRequest, types.FollowersAnswer, repeatable=True
)
SEND_CUSTOM: Final = Call("POST", "/cgi-bin/message/custom/send", types.CustomMessage, Done)
TYPING: Final = Call("POST", "/cgi-bin/message/custom/typing", types.TypingRequest, Done)
# Not repeatable by itself: only a ``client_msg_id`` makes it so, and the sender decides.
SEND_TEMPLATE: Final = Call(
    "POST", "/cgi-bin/message/template/send", types.TemplateMessage, types.TemplateSent
)
TEMPLATES: Final = Call(
    "GET", "/cgi-bin/template/get_all_private_template", Nothing, types.TemplatesAnswer, repeatable=True
)
