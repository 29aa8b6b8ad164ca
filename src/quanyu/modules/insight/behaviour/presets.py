"""Questions to begin with: the five steps of a decision to buy, as a funnel to edit."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from quanyu.modules.insight.behaviour.language import Funnel

_OA: Final = "wechat.official_account"
_MP: Final = "wechat.mini_program"
# Each step: Chinese, English, and the events that show somebody is there.
_STEPS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    (
        "需求唤醒", "Awareness",
        (
            f"{_OA}.followed", f"{_OA}.scanned", f"{_MP}.logged_in", "wechat.wecom.customer_added",
            "community.member_joined", "Page Viewed", "Screen Viewed", "Promotion Viewed",
            "Promotion Clicked",
        ),
    ),
    (
        "信息收集", "Information",
        (
            "Products Searched", "Product List Viewed", "Product List Filtered", "Product Clicked",
            "Product Viewed", f"{_OA}.menu_clicked", f"{_OA}.message_received", f"{_MP}.message_received",
        ),
    ),
    (
        "备选评估", "Evaluation",
        (
            "Product Added", "Product Added to Wishlist", "Wishlist Product Added to Cart", "Cart Viewed",
            "Coupon Entered", "Coupon Applied", "Checkout Started", "Checkout Step Viewed",
        ),
    ),
    ("购买", "Purchase", ("Order Completed",)),
    # Buying again is the strongest sign: one order never fills two steps.
    ("购后", "After the purchase", ("Product Reviewed", "Product Shared", "Order Completed")),
)  # fmt: skip

DECISION_JOURNEY: Final = Funnel.model_validate(
    {
        "period": {"kind": "last_days", "days": 90},
        "window": {"amount": 90, "unit": "days"},
        "steps": [{"name": names[0] if len(names) == 1 else names, "label": zh} for zh, _, names in _STEPS],
    }
)


class FunnelPreset(BaseModel):
    """A funnel to begin with; ``labels_en`` are the steps in English."""

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    name_en: str
    labels_en: tuple[str, ...]
    question: Funnel


class FunnelPresets(BaseModel):
    """Every funnel to begin with."""

    model_config = ConfigDict(frozen=True)

    items: tuple[FunnelPreset, ...]


PRESETS: Final = (
    FunnelPreset(
        key="decision_journey",
        name="五步决策旅程",
        name_en="Five-step decision journey",
        labels_en=tuple(en for _, en, _ in _STEPS),
        question=DECISION_JOURNEY,
    ),
)
