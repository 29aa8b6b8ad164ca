"""Fields that several calls of WeChat Pay share."""

from wechat_sandbox.wire.pay.fields import CIPHER, Fields, Flag, Group, Many, Moment, Text, Whole

NUMBER = Text(min=6, max=32, pattern=r"[0-9A-Za-z_\-|*]+")
AMOUNT = Whole(min=1, max=1_000_000_000)
LIMIT_PAY = Many(Text(one_of=("no_balance", "no_credit", "no_debit", "balance_only")), max=4)
# 微信分付: who bears the interest of paying by instalments.
_PLAN = Group({"subsidy_installment_num!": Whole(min=3, max=12), "subsidy_percent!": Whole(min=0, max=100)})
SUBSIDY = Group(
    {
        "subsidy_detail": Many(
            Group(
                {
                    "subsidy_period_type!": Text(one_of=("DAILY", "PERIOD")),
                    "subsidy_plan!": Many(_PLAN, min=1, max=3),
                }
            ),
            max=2,
        )
    }
)
_GOODS: Fields = {
    "merchant_goods_id!": Text(max=32),
    "wechatpay_goods_id": Text(max=32),
    "goods_name": Text(max=256),
    "quantity!": Whole(min=1),
    "unit_price!": Whole(),
}
_BILL: Fields = {"cost_price": Whole(), "invoice_id": Text(max=32)}
DETAIL = Group({**_BILL, "goods_detail": Many(Group(_GOODS), min=1, max=6000)})
# A payment by code spells one name its own way.
_GOODS_BY_CODE = Group({**_GOODS, "wxpay_goods_id": Text(max=32)})
DETAIL_BY_CODE = Group({**_BILL, "goods_detail": Many(_GOODS_BY_CODE, min=1, max=6000)})
_STORE = Group(
    {"id!": Text(max=32), "name": Text(max=256), "area_code": Text(max=32), "address": Text(max=512)}
)
_IDENTITY = Group(
    {
        "type!": Text(
            one_of=(
                "IDCARD", "HONGKONG_MACAO", "HONGKONG_MACAO_RESIDENT", "TAIWAN_RESIDENT", "FOREIGN_RESIDENT",
                "OVERSEA_PASSPORT", "PHONE_NUMBER",
            )
        ),
        "number": CIPHER,
        "name": CIPHER,
    }
)  # fmt: skip
H5_INFO = Group(
    {
        "type!": Text(one_of=("iOS", "Android", "Wap")),
        "app_name": Text(max=64),
        "app_url": Text(max=128),
        "bundle_id": Text(max=128),
        "package_name": Text(max=128),
    }
)
_SCENE: Fields = {"payer_client_ip!": Text(max=45), "device_id": Text(max=32), "store_info": _STORE}
SCENE = Group(_SCENE)
H5_SCENE = Group({**_SCENE, "h5_info!": H5_INFO})
PAYER = Group({"openid!": Text(max=128), "identity": _IDENTITY})
IDENTITY = Group({"identity": _IDENTITY})
ORDER: Fields = {
    "appid!": Text(max=32),
    "mchid!": Text(max=32),
    "description!": Text(max=127),
    "out_trade_no!": NUMBER,
    "time_expire": Moment(),
    "attach": Text(max=128, min=0),
    "goods_tag": Text(max=32),
    "limit_pay": LIMIT_PAY,
    "support_fapiao": Flag(),
    "amount!": Group({"total!": AMOUNT, "currency": Text(one_of=("CNY",))}),
    "detail": DETAIL,
    "settle_info": Group({"profit_sharing": Flag()}),
    "subsidy_info": SUBSIDY,
}
