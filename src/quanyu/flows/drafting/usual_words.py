"""The usual words, in Chinese and English, for what every brand has. ``|`` stands between them."""

from typing import Final

ORDER: Final = "Order Completed"
REFUND: Final = "Order Refunded"
VIEW: Final = "Product Viewed"
ADD: Final = "Product Added"
FOLLOW: Final = "wechat.official_account.followed"

EVENTS: Final[dict[str, str]] = {
    ORDER: (
        "下单 | 下过单 | 下了单 | 购买 | 购买过 | 购买了 | 买过 | 买了 | 买 | 成交 | 付款 | "
        "支付 | 成单 | 完成订单 | 订单 | "
        "order | orders | ordered | ordering | place an order | placed an order | "
        "placed orders | place orders | "
        "buy | buys | bought | buying | purchase | purchases | purchased | make a purchase |"
        " made a purchase | "
        "made purchases | pay | paid"
    ),
    REFUND: "退款 | 退款过 | 退过款 | 退货 | 退过货 | refund | refunds | refunded | return | returned",
    "Order Cancelled": (
        "取消订单 | 取消过订单 | 取消了订单 | cancel an order | cancelled an order | cancelled orders"
    ),
    VIEW: (
        "浏览商品 | 浏览过商品 | 浏览了商品 | 浏览 | 浏览过 | 看过商品 | 看过 | 看了 | 逛过 | "
        "view | views | viewed | "
        "viewed a product | viewed products | browse | browsed | looked at | look at"
    ),
    ADD: (
        "加购 | 加购过 | 加购了 | 加入购物车 | 加入了购物车 | 加过购物车 | 加车 | add to cart | "
        "added to cart | "
        "added a product to the cart | added something to the cart | added products to cart | adds to cart"
    ),
    "Product Removed": "移出购物车 | remove from cart | removed from cart",
    "Checkout Started": (
        "开始结算 | 结算 | 去结算 | start checkout | started checkout | check out | checked out"
    ),
    "Product Added to Wishlist": (
        "收藏 | 收藏商品 | 收藏过 | 收藏过商品 | add to wishlist | added to wishlist"
    ),
    "Product Shared": "分享商品 | 分享过商品 | 分享 | 分享过 | share | shared | shared a product",
    "Product Reviewed": (
        "评价 | 评价过 | 评价商品 | 写过评价 | review | reviewed | reviewed a product | wrote a review"
    ),
    "Products Searched": "搜索 | 搜索过 | 搜过 | search | searched",
    "Coupon Applied": (
        "用券 | 用过券 | 使用优惠券 | 使用过优惠券 | 用过优惠券 | use a coupon | used a coupon | "
        "applied a coupon"
    ),
    "Page Viewed": (
        "访问网站 | 访问过网站 | 浏览页面 | 浏览过页面 | view a page | viewed a page | "
        "visited the website | "
        "visited the site"
    ),
    "Screen Viewed": (
        "打开小程序 | 打开过小程序 | 访问小程序 | 访问过小程序 | 进入小程序 | "
        "opened the mini program | "
        "open the mini program | visited the mini program"
    ),
    "wechat.mini_program.logged_in": "登录小程序 | 登录过小程序 | logged in to the mini program",
    FOLLOW: "关注 | 关注过 | 关注了 | 新关注 | follow | follows | followed | following",
    "wechat.official_account.unfollowed": (
        "取关 | 取关了 | 取关过 | 取消关注 | 取消了关注 | unfollow | unfollows | unfollowed"
    ),
    "wechat.official_account.scanned": (
        "扫码 | 扫过码 | 扫描二维码 | scan a code | scanned a code | scanned a qr code"
    ),
    "wechat.official_account.message_received": (
        "发来消息 | 发过消息 | 发消息给我们 | 咨询 | 咨询过 | 留言 | 留过言 | "
        "wrote to us | write to us | messaged us | sent us a message"
    ),
    "wechat.official_account.menu_clicked": (
        "点击菜单 | 点过菜单 | 点击过菜单 | tap the menu | tapped the menu | clicked the menu"
    ),
    "wechat.wecom.customer_added": (
        "添加企业微信 | 添加企微 | 加企微 | 加好友 | 添加好友 | added on wecom | added a member of staff"
    ),
}

SPEND: Final = (
    "消费 | 消费过 | 消费了 | 消费额 | 消费金额 | 累计消费 | 总消费 | 花费 | 花了 | 花过 | "
    "累计花费 | 订单金额 | 订单总额 | "
    "成交金额 | 成交额 | spend | spends | spent | total spend | total spent | order total | revenue"
)
AVERAGE: Final = "客单价 | 平均订单金额 | 平均客单价 | 平均每单 | average order value | average order | aov"
REPEAT: Final = (
    "复购 | 复购过 | 回购 | 回购过 | repeat buyers | repeat customers | bought again | "
    "repurchased | repurchase"
)
FIRST_ORDER: Final = "首单 | 首购 | first order | first purchase | first bought | first ordered"
SHARE: Final = "随机 | 随机抽取 | 随机抽样 | 抽样 | 随机选 | a random | random sample of | random | at random"

TIES: Final[dict[str, str]] = {
    "account": (
        "关注公众号 | 关注了公众号 | 关注着公众号 | 公众号粉丝 | 粉丝 | 已关注 | "
        "follow the account | follows the account | "
        "following the account | followers | follower | fans"
    ),
    "staff": (
        "企微好友 | 有企微好友 | 有企业微信好友 | 企业微信好友 | 员工好友 | 员工的客户 |"
        " 有企微 | 加了企微 | 加了企业微信 | "
        "已加企微 | "
        "customers of staff | wecom contacts | wecom contact | wecom friends"
    ),
    "group": (
        "在客户群 | 在客户群里 | 在群里 | 在社群 | 客户群成员 | 群成员 | 进群 | 进了群 | 入群 | "
        "加群 | "
        "in a customer group | in a group | in customer groups | group members"
    ),
}

BIRTHDAY: Final = (
    "生日 | 过生日 | 寿星 | 农历生日 | birthday | birthdays | lunar birthday | "
    "have a birthday | have their birthday"
)

ATTRIBUTES: Final[dict[str, str]] = {
    "city": "城市 | 所在城市 | 所在地 | 居住地 | city | town",
    "province": "省份 | 省 | province | state",
    "country": "国家 | country",
    "gender": "性别 | gender | sex",
    "age": "年龄 | 年纪 | age | aged",
    "level": "等级 | 会员等级 | 级别 | level | tier | membership level",
    "language": "语言 | language",
    "points": "积分 | 积分余额 | points | points balance",
    "phone_region": "手机归属地 | 号码归属地 | phone region",
    "phone_carrier": "运营商 | 手机运营商 | carrier | phone carrier",
    "surname": "姓氏 | 姓 | surname | family name",
    "has_phone": (
        "有手机号 | 有手机 | 留了手机号 | 留过手机号 | 留手机号 | 绑定手机 | 绑定了手机 | "
        "绑定手机号 | 绑定了手机号 | 手机号 | "
        "have a phone number | has a phone number | a phone number | phone number | phone"
    ),
    "has_email": (
        "有邮箱 | 留了邮箱 | 邮箱 | has an email | have an email | an e-mail | an email | email | e-mail"
    ),
    "rfm_class": "价值分层 | rfm分层 | rfm | rfm class",
    "rfm_frequency": "消费次数 | order count",
    "lifecycle_stage": "生命周期 | 生命阶段 | 生命周期阶段 | lifecycle | lifecycle stage",
    "churn_probability": "流失概率 | churn probability",
    "churn_band": "流失风险 | churn risk",
    "engagement_score": "活跃度分数 | 活跃分 | engagement score",
    "engagement_level": "活跃度 | engagement | engagement level",
    "lifetime_value": "生命周期价值 | 未来一年价值 | lifetime value | ltv | clv",
    "spending_power": "消费力 | spending power",
    "discount_affinity": "折扣敏感度 | discount affinity",
    "interest_1": "第一兴趣 | 兴趣 | 兴趣偏好 | interest | first interest",
    "favouriteCategory": "偏好品类 | 喜欢的品类 | favourite category",
}
TRUE_OR_NOT: Final = frozenset({"has_phone", "has_email"})

VALUES: Final[dict[str, dict[str, str]]] = {
    "lifecycle_stage": {
        "new": "新客 | 新客户 | 新顾客 | new customers | new customer",
        "active": "活跃客户 | 活跃顾客 | 活跃用户 | 活跃 | active customers | active",
        "repeat": "复购客户 | 复购顾客 | 复购期 | repeat stage",
        "loyal": "忠诚客户 | 忠诚顾客 | 忠诚 | 忠实客户 | loyal customers | loyal",
        "won_back": "回流客户 | 回流顾客 | 回流 | won back | won-back customers | won back customers",
        "sleeping": (
            "沉睡客户 | 沉睡顾客 | 沉睡用户 | 沉睡 | sleeping customers | sleeping | dormant | "
            "dormant customers"
        ),
        "lost": (
            "流失客户 | 流失顾客 | 流失用户 | 已流失 | 流失 | lost customers | lost | churned | "
            "churned customers"
        ),
    },
    "rfm_class": {
        "important_value": "重要价值 | 重要价值客户 | important value",
        "important_develop": "重要发展 | 重要发展客户 | important to develop",
        "important_keep": "重要保持 | 重要保持客户 | important to keep",
        "important_win_back": "重要挽留 | 重要挽留客户 | important to win back",
        "general_value": "一般价值 | 一般价值客户 | general value",
        "general_develop": "一般发展 | 一般发展客户 | general to develop",
        "general_keep": "一般保持 | 一般保持客户 | general to keep",
        "general_win_back": "一般挽留 | 一般挽留客户 | general to win back",
    },
    "engagement_level": {
        "high": "活跃度高 | 高活跃 | 高活跃度 | highly engaged | high engagement",
        "middle": "活跃度中 | 中活跃 | medium engagement",
        "low": "活跃度低 | 低活跃 | 低活跃度 | low engagement | barely engaged",
    },
    "spending_power": {
        "high": "消费力高 | 高消费力 | high spending power | big spenders",
        "middle": "消费力中 | 中消费力 | medium spending power",
        "low": "消费力低 | 低消费力 | low spending power",
    },
    "discount_affinity": {
        "high": "爱用优惠 | 价格敏感 | 折扣敏感 | discount lovers | price sensitive",
        "low": "少用优惠 | 不爱用优惠 | rarely use discounts",
    },
}

GENDERS: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (
        frozenset({"男", "男性", "male", "m", "man"}),
        "男性 | 男士 | 男生 | 男客户 | 男顾客 | 男的 | male | men | man | gentlemen",
    ),
    (
        frozenset({"女", "女性", "female", "f", "woman"}),
        "女性 | 女士 | 女生 | 女客户 | 女顾客 | 女的 | female | women | woman | ladies",
    ),
)

# Words that say nothing by themselves. The longest are taken away first.
_SAY_NOTHING: Final = """
请帮我找出 帮我找出 帮我找 请帮我 请找出 筛选出 我想要 的人群 我们的 公众号 被打上 到现在
接下来 帮我 找出 找到 筛选 圈选 圈出 选出 查询 查找 列出 查看 给我 想要 我要 我想 麻烦
所有 全部 全体 那些 这些 哪些 一批 一些 的人 人群 人们 客户 顾客 用户 会员 并且 而且
同时 以及 但是 可是 不过 或者 或是 要么 商品 产品 东西 订单 单子 曾经 已经 其中 进行
发生 行为 记录 任何 任意 任一 我们 品牌 店铺 店里 来自 属于 处于 位于 住在 带有 打了
打上 标签 分群 名单 阶段 期间 时间 之内 以来 一共 总共 合计 累计 他们 能够 可以 需要
之后 然后 什么 一下 只要 满足 符合 条件 及其 至今 目前 现在 当前 一直 用过 未来 即将
抽取 人 者 的 地 得 了 过 有 是 在 为 就 才 且 并 和 与 及 也 都 又 但 却 还 或
货 曾 已 中 内 里 带 来 共 元 块 钱 次 回 他 她 它 即 能 要 后 再 先 时 均 等
以 年 之 个 到 从 给 对 每 位 名 会 将 由 于 抽 岁
"""
_SAY_NOTHING_EN: Final = """
a account after all already also altogether amount an and any anything are as at based be been being
both but by called came class cny come coming currently customer customers did do does during each
either ever every everybody everyone fall falling falls far find for from get give group had has have
having i in inside is it item items its later least list live lives living located made make marked me
member members more most my named need next now of official on once one only or our over overall people
person persons please product products rmb segment segments select show so some somebody someone
something stage tag tagged tags target than that the their them then there these they thing things those
time times to total up upcoming us user users want was we were when where which who whom whose with
within worth you yuan
"""
FILLERS: Final = tuple(sorted(_SAY_NOTHING.split(), key=len, reverse=True))
FILLERS_EN: Final = frozenset(_SAY_NOTHING_EN.split())
