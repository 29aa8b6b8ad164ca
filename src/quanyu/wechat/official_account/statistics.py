"""Figures of the platform about followers, articles, messages and our callback interface.

Whole days in China, asked for after 8 in the morning of the next; each call has its longest span. The
article calls of before November 2025 answer 47009 where they are switched off; the new ones hold more.
Source: developers.weixin.qq.com, 数据统计 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Part, Request


class DaysRequest(Request, frozen=True):
    begin_date: str  # YYYY-MM-DD
    end_date: str


class UserSummary(Part, frozen=True):
    ref_date: str
    user_source: int = 0  # 0 other, 1 search, 17 card, 30 QR code, 43 article menu, 51 paid, 57 article name.
    new_user: int = 0
    cancel_user: int = 0


class UserSummaryAnswer(Answer, frozen=True):
    list: tuple[UserSummary, ...] = ()


class UserTotal(Part, frozen=True):
    ref_date: str
    cumulate_user: int = 0
    user_source: int = 0


class UserTotalAnswer(Answer, frozen=True):
    list: tuple[UserTotal, ...] = ()


class ReadSource(Part, frozen=True):
    user_count: int = 0
    scene_desc: str = ""


class ReadDetail(Part, frozen=True):
    read_user: int = 0
    read_user_source: tuple[ReadSource, ...] = ()


class ArticleRead(Part, frozen=True):
    ref_date: str
    msgid: str = ""  # msg_data_id and the article's place, joined by _.
    detail: ReadDetail = ReadDetail()


class ArticleReadAnswer(Answer, frozen=True):
    is_delay: bool = False  # The figures are not complete yet.
    list: tuple[ArticleRead, ...] = ()


class ShareDetail(Part, frozen=True):
    share_user: int = 0


class ArticleShare(Part, frozen=True):
    ref_date: str
    msgid: str = ""
    detail: ShareDetail = ShareDetail()


class ArticleShareAnswer(Answer, frozen=True):
    is_delay: bool = False
    list: tuple[ArticleShare, ...] = ()


class AccountDetail(Part, frozen=True):
    read_user: int = 0
    read_user_source: tuple[ReadSource, ...] = ()
    share_user: int = 0
    zaikan_user: int = 0
    like_user: int = 0
    comment_count: int = 0
    collection_user: int = 0
    redirect_ori_page_user: int = 0
    send_page_count: int = 0


class AccountDay(Part, frozen=True):
    ref_date: str
    detail: AccountDetail = AccountDetail()


class AccountSummaryAnswer(Answer, frozen=True):
    is_delay: bool = False
    list: tuple[AccountDay, ...] = ()


class JumpPosition(Part, frozen=True):
    position: int = 0  # 1 to 5, fifths of the article.
    rate: float = 0.0


class ArticleDay(Part, frozen=True):
    stat_date: str
    read_user: int = 0
    read_user_source: tuple[ReadSource, ...] = ()
    share_user: int = 0
    zaikan_user: int = 0
    like_user: int = 0
    comment_count: int = 0
    collection_user: int = 0
    praise_money: int = 0
    read_subscribe_user: int = 0
    read_delivery_rate: float = 0.0
    read_finish_rate: float = 0.0
    read_avg_activetime: float = 0.0  # Seconds.
    read_jump_position: tuple[JumpPosition, ...] = ()


class ArticleHistory(Part, frozen=True):
    ref_date: str
    msgid: str = ""
    publish_type: int = 0  # 0 followers were notified, 1 not.
    title: str = ""
    content_url: str = ""
    detail_list: tuple[ArticleDay, ...] = ()  # 30 days.


class ArticleHistoryAnswer(Answer, frozen=True):
    is_delay: bool = False
    list: tuple[ArticleHistory, ...] = ()


class OldArticleSummary(Part, frozen=True):
    ref_date: str
    msgid: str = ""
    title: str = ""
    user_source: int = 0
    ref_hour: int = 0  # 0 to 2300.
    int_page_read_user: int = 0
    int_page_read_count: int = 0
    ori_page_read_user: int = 0
    ori_page_read_count: int = 0
    share_user: int = 0
    share_count: int = 0
    add_to_fav_user: int = 0
    add_to_fav_count: int = 0


class OldArticleSummaryAnswer(Answer, frozen=True):
    list: tuple[OldArticleSummary, ...] = ()


class OldArticleDay(Part, frozen=True):
    stat_date: str
    target_user: int = 0
    int_page_read_user: int = 0
    int_page_read_count: int = 0
    ori_page_read_user: int = 0
    ori_page_read_count: int = 0
    share_user: int = 0
    share_count: int = 0
    add_to_fav_user: int = 0
    add_to_fav_count: int = 0
    int_page_from_session_read_user: int = 0
    int_page_from_session_read_count: int = 0
    int_page_from_hist_msg_read_user: int = 0
    int_page_from_hist_msg_read_count: int = 0
    int_page_from_feed_read_user: int = 0
    int_page_from_feed_read_count: int = 0
    int_page_from_friends_read_user: int = 0
    int_page_from_friends_read_count: int = 0
    int_page_from_other_read_user: int = 0
    int_page_from_other_read_count: int = 0
    feed_share_from_session_user: int = 0
    feed_share_from_session_cnt: int = 0
    feed_share_from_feed_user: int = 0
    feed_share_from_feed_cnt: int = 0
    feed_share_from_other_user: int = 0
    feed_share_from_other_cnt: int = 0


class OldArticleTotal(Part, frozen=True):
    ref_date: str
    msgid: str = ""
    title: str = ""
    details: tuple[OldArticleDay, ...] = ()


class OldArticleTotalAnswer(Answer, frozen=True):
    list: tuple[OldArticleTotal, ...] = ()


class Shares(Part, frozen=True):
    ref_date: str
    share_scene: int = 0  # 1 to friends, 2 to moments, 255 other.
    share_user: int = 0
    share_count: int = 0
    ref_hour: int = 0


class SharesAnswer(Answer, frozen=True):
    list: tuple[Shares, ...] = ()


class Messages(Part, frozen=True):
    ref_date: str
    msg_type: int = 0  # 1 text, 2 image, 3 voice, 4 video, 6 link.
    msg_user: int = 0
    msg_count: int = 0
    ref_hour: int = 0


class MessagesAnswer(Answer, frozen=True):
    list: tuple[Messages, ...] = ()


class MessageSpread(Part, frozen=True):
    ref_date: str
    count_interval: int = 0  # 0 none, 1 one to five, 2 six to ten, 3 more than ten messages.
    msg_user: int = 0


class MessageSpreadAnswer(Answer, frozen=True):
    list: tuple[MessageSpread, ...] = ()


class Interface(Part, frozen=True):
    """How our callback address answered."""

    ref_date: str
    callback_count: int = 0
    fail_count: int = 0
    total_time_cost: int = 0  # Milliseconds.
    max_time_cost: int = 0
    ref_hour: int = 0


class InterfaceAnswer(Answer, frozen=True):
    list: tuple[Interface, ...] = ()


USERS: Final = Call("POST", "/datacube/getusersummary", DaysRequest, UserSummaryAnswer, repeatable=True)
USER_TOTALS: Final = Call("POST", "/datacube/getusercumulate", DaysRequest, UserTotalAnswer, repeatable=True)
ARTICLE_READS: Final = Call(
    "POST", "/datacube/getarticleread", DaysRequest, ArticleReadAnswer, repeatable=True
)
ARTICLE_SHARES: Final = Call(
    "POST", "/datacube/getarticleshare", DaysRequest, ArticleShareAnswer, repeatable=True
)
ACCOUNT: Final = Call("POST", "/datacube/getbizsummary", DaysRequest, AccountSummaryAnswer, repeatable=True)
ARTICLE_HISTORY: Final = Call(
    "POST", "/datacube/getarticletotaldetail", DaysRequest, ArticleHistoryAnswer, repeatable=True
)
OLD_ARTICLES: Final = Call(
    "POST", "/datacube/getarticlesummary", DaysRequest, OldArticleSummaryAnswer, repeatable=True
)
OLD_ARTICLE_TOTALS: Final = Call(
    "POST", "/datacube/getarticletotal", DaysRequest, OldArticleTotalAnswer, repeatable=True
)
OLD_READS: Final = Call(
    "POST", "/datacube/getuserread", DaysRequest, OldArticleSummaryAnswer, repeatable=True
)
OLD_READS_BY_HOUR: Final = Call(
    "POST", "/datacube/getuserreadhour", DaysRequest, OldArticleSummaryAnswer, repeatable=True
)
OLD_SHARES: Final = Call("POST", "/datacube/getusershare", DaysRequest, SharesAnswer, repeatable=True)
OLD_SHARES_BY_HOUR: Final = Call(
    "POST", "/datacube/getusersharehour", DaysRequest, SharesAnswer, repeatable=True
)
MESSAGES: Final = Call("POST", "/datacube/getupstreammsg", DaysRequest, MessagesAnswer, repeatable=True)
MESSAGES_BY_HOUR: Final = Call(
    "POST", "/datacube/getupstreammsghour", DaysRequest, MessagesAnswer, repeatable=True
)
MESSAGES_BY_WEEK: Final = Call(
    "POST", "/datacube/getupstreammsgweek", DaysRequest, MessagesAnswer, repeatable=True
)
MESSAGES_BY_MONTH: Final = Call(
    "POST", "/datacube/getupstreammsgmonth", DaysRequest, MessagesAnswer, repeatable=True
)
MESSAGE_SPREAD: Final = Call(
    "POST", "/datacube/getupstreammsgdist", DaysRequest, MessageSpreadAnswer, repeatable=True
)
MESSAGE_SPREAD_BY_WEEK: Final = Call(
    "POST", "/datacube/getupstreammsgdistweek", DaysRequest, MessageSpreadAnswer, repeatable=True
)
MESSAGE_SPREAD_BY_MONTH: Final = Call(
    "POST", "/datacube/getupstreammsgdistmonth", DaysRequest, MessageSpreadAnswer, repeatable=True
)
INTERFACE: Final = Call(
    "POST", "/datacube/getinterfacesummary", DaysRequest, InterfaceAnswer, repeatable=True
)
INTERFACE_BY_HOUR: Final = Call(
    "POST", "/datacube/getinterfacesummaryhour", DaysRequest, InterfaceAnswer, repeatable=True
)
