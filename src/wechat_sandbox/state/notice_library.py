"""The public library of subscribe messages, as far as the sandbox stocks it: categories, titles, keywords."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One keyword a template of this title may carry."""

    kid: int
    name: str
    rule: str  # Decides what values are accepted; with ``kid`` it is the key in ``data``.
    example: str
    choices: tuple[str, ...] = ()  # Of ``enum`` alone.

    @property
    def key(self) -> str:
        return f"{self.rule}{self.kid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """One title of the library."""

    tid: int
    title: str
    category_id: int
    keywords: tuple[Keyword, ...]
    type: int = 2  # 2: one-time, 3: long-term.

    def keyword(self, kid: int) -> Keyword | None:
        return next((keyword for keyword in self.keywords if keyword.kid == kid), None)


CATEGORIES: tuple[tuple[int, str], ...] = (
    (307, "食品"),
    (321, "茶叶"),
    (411, "线下超市/便利店"),
    (616, "政务民生"),
)


def _keywords(*rows: tuple[str, str, str]) -> tuple[Keyword, ...]:
    return tuple(
        Keyword(kid=kid, name=name, rule=rule, example=example)
        for kid, (name, rule, example) in enumerate(rows, start=1)
    )


_STATES = Keyword(
    kid=6, name="配送方式", rule="enum", example="快递", choices=("快递", "同城配送", "到店自提")
)

TITLES: tuple[Title, ...] = (
    Title(
        tid=1128,
        title="订单支付成功通知",
        category_id=307,
        keywords=_keywords(
            ("订单编号", "character_string", "T20260308001"),
            ("商品名称", "thing", "桂花乌龙茶"),
            ("支付金额", "amount", "¥68.00"),
            ("支付时间", "time", "2026年3月8日 10:30"),
            ("温馨提示", "thing", "感谢购买"),
        ),
    ),
    Title(
        tid=1856,
        title="订单发货提醒",
        category_id=307,
        keywords=(
            *_keywords(
                ("商品名称", "thing", "桂花乌龙茶"),
                ("快递单号", "character_string", "SF1234567890"),
                ("快递公司", "phrase", "顺丰速运"),
                ("发货时间", "time", "2026年3月8日 10:30"),
                ("收件电话", "phone_number", "138****8000"),
            ),
            _STATES,
        ),
    ),
    Title(
        tid=2001,
        title="优惠券到期提醒",
        category_id=307,
        keywords=_keywords(
            ("优惠券名称", "thing", "满60减10"),
            ("到期日期", "date", "2026年3月31日"),
            ("优惠金额", "amount", "10.00元"),
            ("温馨提示", "thing", "别忘了使用"),
        ),
    ),
    Title(
        tid=2430,
        title="上新提醒",
        category_id=321,
        keywords=_keywords(
            ("商品名称", "thing", "明前龙井"),
            ("价格", "amount", "¥128.00"),
            ("上架时间", "time", "2026年3月20日 10:00"),
            ("备注", "thing", "限量发售"),
        ),
    ),
    Title(
        tid=3077,
        title="会员积分变动通知",
        category_id=411,
        keywords=_keywords(
            ("会员姓名", "name", "林安宁"),
            ("变动积分", "number", "30"),
            ("积分余额", "number", "560"),
            ("变动时间", "time", "2026年3月8日 10:30"),
            ("会员等级", "letter", "GOLD"),
        ),
    ),
    Title(
        tid=4210,
        title="退款结果通知",
        category_id=307,
        keywords=_keywords(
            ("退款状态", "phrase", "退款成功"),
            ("退款金额", "amount", "¥68.00"),
            ("订单号", "character_string", "T20260308001"),
            ("退款说明", "thing", "原路退回"),
        ),
    ),
    Title(
        tid=5306,
        title="停车到场提醒",
        category_id=411,
        keywords=_keywords(
            ("车牌号", "car_number", "沪A12345"),
            ("门店", "thing", "静安店"),
            ("入场时间", "time", "10:30"),
            ("提示", "symbol", "★"),
        ),
    ),
    Title(
        tid=9001,
        title="办理进度通知",
        category_id=616,
        type=3,
        keywords=_keywords(
            ("办理事项", "thing", "会员实名登记"),
            ("办理进度", "phrase", "已受理"),
            ("办理时间", "time", "2026年3月8日 10:30"),
        ),
    ),
)


def find_title(tid: int) -> Title | None:
    return next((title for title in TITLES if title.tid == tid), None)
