"""Figures of customer service, by day.

Source: developer.work.weixin.qq.com, 统计管理 (paths 95489, 95490), read 2026. ``investgate`` is the
platform's spelling.
"""

from typing import Final

from quanyu.wechat.calls import Answer, Part, Request
from quanyu.wechat.wecom.declaring import ask


class CorpRequest(Request, frozen=True, kw_only=True):
    start_time: int  # Unix seconds.
    end_time: int
    open_kfid: str = ""  # All accounts if empty.


class CorpFigures(Part, frozen=True, kw_only=True):
    session_cnt: int = 0
    customer_cnt: int = 0
    customer_msg_cnt: int = 0
    upgrade_service_customer_cnt: int = 0
    ai_session_reply_cnt: int = 0
    ai_transfer_rate: float = 0.0
    ai_knowledge_hit_rate: float = 0.0
    msg_rejected_customer_cnt: int = 0


class CorpDay(Part, frozen=True):
    stat_time: int
    statistic: CorpFigures = CorpFigures()


class CorpAnswer(Answer, frozen=True):
    statistic_list: tuple[CorpDay, ...] = ()


class ServicerRequest(CorpRequest, frozen=True, kw_only=True):
    servicer_userid: str = ""  # All servicers if empty.


class ServicerFigures(Part, frozen=True, kw_only=True):
    session_cnt: int = 0
    customer_cnt: int = 0
    customer_msg_cnt: int = 0
    reply_rate: float | None = None
    first_reply_average_sec: float | None = None
    satisfaction_investgate_cnt: int = 0
    satisfaction_participation_rate: float | None = None
    satisfied_rate: float | None = None
    middling_rate: float | None = None
    dissatisfied_rate: float | None = None
    upgrade_service_customer_cnt: int = 0
    upgrade_service_member_invite_cnt: int = 0
    upgrade_service_member_customer_cnt: int = 0
    upgrade_service_groupchat_invite_cnt: int = 0
    upgrade_service_groupchat_customer_cnt: int = 0
    msg_rejected_customer_cnt: int = 0


class ServicerDay(Part, frozen=True):
    stat_time: int
    statistic: ServicerFigures = ServicerFigures()


class ServicerAnswer(Answer, frozen=True):
    statistic_list: tuple[ServicerDay, ...] = ()


CORP: Final = ask("/kf/get_corp_statistic", CorpRequest, CorpAnswer)
SERVICER: Final = ask("/kf/get_servicer_statistic", ServicerRequest, ServicerAnswer)
