"""How a mini program is visited.

Daily figures take one day, weekly Monday to Sunday, monthly the first to the last of a month; yesterday
is the latest. Source: developers.weixin.qq.com, 小程序数据分析 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Part, Request


class DaysRequest(Request, frozen=True):
    begin_date: str  # yyyymmdd
    end_date: str


class Summary(Part, frozen=True):
    ref_date: str
    visit_total: int = 0  # People, ever.
    share_pv: int = 0
    share_uv: int = 0


class SummaryAnswer(Answer, frozen=True):
    list: tuple[Summary, ...] = ()


class Visits(Part, frozen=True):
    ref_date: str  # A day, a week as first-last, a month as yyyymm.
    session_cnt: int = 0
    visit_pv: int = 0
    visit_uv: int = 0
    visit_uv_new: int = 0
    stay_time_uv: float = 0.0  # Seconds.
    stay_time_session: float = 0.0
    visit_depth: float = 0.0


class VisitsAnswer(Answer, frozen=True):
    list: tuple[Visits, ...] = ()


class Count(Part, frozen=True):
    key: int  # Days, weeks or months after; or a class of the distribution.
    value: int


class RetentionAnswer(Answer, frozen=True):
    ref_date: str
    visit_uv_new: tuple[Count, ...] = ()
    visit_uv: tuple[Count, ...] = ()


class Page(Part, frozen=True):
    page_path: str
    page_visit_pv: int = 0
    page_visit_uv: int = 0
    page_staytime_pv: float = 0.0  # Seconds per visit.
    entrypage_pv: int = 0
    exitpage_pv: int = 0
    page_share_pv: int = 0
    page_share_uv: int = 0


class PagesAnswer(Answer, frozen=True):
    ref_date: str
    list: tuple[Page, ...] = ()  # The 200 most visited.


class Distribution(Part, frozen=True):
    index: str  # access_source_session_cnt, access_staytime_info or access_depth_info.
    item_list: tuple[Count, ...] = ()


class DistributionAnswer(Answer, frozen=True):
    ref_date: str
    list: tuple[Distribution, ...] = ()


class Share(Part, frozen=True):
    name: str
    value: int = 0
    id: int = 0


class Portrait(Part, frozen=True):
    province: tuple[Share, ...] = ()
    city: tuple[Share, ...] = ()
    genders: tuple[Share, ...] = ()
    platforms: tuple[Share, ...] = ()
    devices: tuple[Share, ...] = ()
    ages: tuple[Share, ...] = ()


class PortraitAnswer(Answer, frozen=True):
    """Yesterday, or the last 7 or 30 days."""

    ref_date: str
    visit_uv_new: Portrait = Portrait()
    visit_uv: Portrait = Portrait()


class Span(Part, frozen=True):
    begin_timestamp: int  # Unix seconds.
    end_timestamp: int


class Filter(Part, frozen=True):
    field: str
    value: str


class PerformanceRequest(Request, frozen=True):
    module: str  # 10016 opening, 10017 downloading, 10021 first screen, …
    time: Span
    params: tuple[Filter, ...] = ()


class PerformanceField(Part, frozen=True):
    refdate: str = ""
    value: str = ""


class PerformanceLine(Part, frozen=True):
    fields: tuple[PerformanceField, ...] = ()


class PerformanceTable(Part, frozen=True):
    id: str = ""
    zh: str = ""
    lines: tuple[PerformanceLine, ...] = ()


class PerformanceBody(Part, frozen=True):
    tables: tuple[PerformanceTable, ...] = ()
    count: int = 0


class PerformanceData(Part, frozen=True):
    body: PerformanceBody = PerformanceBody()


class PerformanceAnswer(Answer, frozen=True):
    data: PerformanceData = PerformanceData()


_AT: Final = "/datacube/getweanalysisappid"

SUMMARY: Final = Call("POST", f"{_AT}dailysummarytrend", DaysRequest, SummaryAnswer, repeatable=True)
VISITS_BY_DAY: Final = Call("POST", f"{_AT}dailyvisittrend", DaysRequest, VisitsAnswer, repeatable=True)
VISITS_BY_WEEK: Final = Call("POST", f"{_AT}weeklyvisittrend", DaysRequest, VisitsAnswer, repeatable=True)
VISITS_BY_MONTH: Final = Call("POST", f"{_AT}monthlyvisittrend", DaysRequest, VisitsAnswer, repeatable=True)
RETENTION_BY_DAY: Final = Call("POST", f"{_AT}dailyretaininfo", DaysRequest, RetentionAnswer, repeatable=True)
RETENTION_BY_WEEK: Final = Call(
    "POST", f"{_AT}weeklyretaininfo", DaysRequest, RetentionAnswer, repeatable=True
)
RETENTION_BY_MONTH: Final = Call(
    "POST", f"{_AT}monthlyretaininfo", DaysRequest, RetentionAnswer, repeatable=True
)
PAGES: Final = Call("POST", f"{_AT}visitpage", DaysRequest, PagesAnswer, repeatable=True)
DISTRIBUTION: Final = Call(
    "POST", f"{_AT}visitdistribution", DaysRequest, DistributionAnswer, repeatable=True
)
PORTRAIT: Final = Call("POST", f"{_AT}userportrait", DaysRequest, PortraitAnswer, repeatable=True)
PERFORMANCE: Final = Call(
    "POST", "/wxa/business/performance/boot", PerformanceRequest, PerformanceAnswer, repeatable=True
)
