"""What messages usually say, until somebody puts it into the brand's own words."""

import re
from typing import Final

_COUPON: Final = r"优惠券|优惠|代金券|折扣|券|coupon|voucher|discount|offer"
_TEXTS: Final[tuple[tuple[str, str, tuple[str, str], tuple[str, str]], ...]] = (
    (
        r"生日|birthday",
        r"生日祝福|生日|祝福|祝|birthday|wishes",
        ("生日祝福", "Birthday wishes"),
        (
            "生日快乐！我们为您准备了一份小心意，点击菜单领取。",
            "Happy birthday! There is a small gift for you in our menu.",
        ),
    ),
    (
        r"欢迎|welcome|greet|问候",
        r"欢迎语|欢迎|问候|welcome",
        ("欢迎", "Welcome"),
        ("欢迎关注！点击菜单看看我们的新品。", "Welcome! Have a look at what is new in our menu."),
    ),
    (
        r"感谢|致谢|谢谢|thank",
        r"感谢信?|致谢|谢谢|下单|thanks|thank-you|thank you|you",
        ("感谢", "Thanks"),
        (
            "感谢您的支持！有任何问题都可以直接回复这里。",
            "Thank you! If there is anything, just answer here.",
        ),
    ),
    (
        _COUPON,
        _COUPON,
        ("优惠", "Offer"),
        ("给您留了一份优惠，点击菜单领取。", "There is an offer for you in our menu."),
    ),
    (
        r"提醒|催|召回|remind",
        r"提醒|召回|remind(?:er)?",
        ("提醒", "Reminder"),
        ("您看过的好物还在，有空来看看吧。", "What you looked at is still there. Come and see."),
    ),
)
_OTHER: Final = (("消息", "Message"), ("您好，想和您说件事。", "Hello, we have something to tell you."))


def text_for(said: str, *, is_chinese: bool) -> tuple[str, str, tuple[str, ...]]:
    """Return (label, text, the words of ``said`` that were understood) of a message asked for."""
    side = 0 if is_chinese else 1
    for pattern, about, label, text in _TEXTS:
        if re.search(pattern, said, re.IGNORECASE):
            words = tuple(found[0] for found in re.finditer(f"{about}|{_COUPON}", said, re.IGNORECASE))
            return label[side], text[side], tuple(dict.fromkeys(words))
    return _OTHER[0][side], _OTHER[1][side], ()
