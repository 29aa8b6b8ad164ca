"""Template cards: messages with buttons, votes and choices that members answer in the conversation.

Source: developer.work.weixin.qq.com, 发送应用消息 / 模板卡片消息 (path 90236) and 更新模版卡片消息 (94888);
read 2026.
"""

from typing import Literal

from quanyu.wechat.calls import Flag, Part

CardType = Literal[
    "text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"
]


class Source(Part, frozen=True, kw_only=True):
    icon_url: str = ""
    desc: str = ""
    desc_color: int = 0  # 0 grey, 1 black, 2 red, 3 green.


class MenuAction(Part, frozen=True):
    text: str
    key: str  # Comes back in ``template_card_event``.


class ActionMenu(Part, frozen=True):
    action_list: tuple[MenuAction, ...]  # 1 to 3.
    desc: str = ""


class Title(Part, frozen=True):
    title: str = ""
    desc: str = ""


class QuoteArea(Part, frozen=True, kw_only=True):
    type: int = 0  # 1 ``url``, 2 ``appid``.
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    title: str = ""
    quote_text: str = ""


class HorizontalContent(Part, frozen=True, kw_only=True):
    keyname: str
    value: str = ""
    type: int = 0  # 1 ``url``, 2 ``media_id``, 3 ``userid``.
    url: str = ""
    media_id: str = ""
    userid: str = ""


class Jump(Part, frozen=True, kw_only=True):
    title: str
    type: int = 0  # 1 ``url``, 2 ``appid``.
    url: str = ""
    appid: str = ""
    pagepath: str = ""


class CardAction(Part, frozen=True, kw_only=True):
    type: int  # 1 ``url``, 2 ``appid``.
    url: str = ""
    appid: str = ""
    pagepath: str = ""


class CardImage(Part, frozen=True, kw_only=True):
    url: str
    aspect_ratio: float = 1.3


class ImageTextArea(Part, frozen=True, kw_only=True):
    image_url: str
    type: int = 0
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    title: str = ""
    desc: str = ""


class SelectOption(Part, frozen=True, kw_only=True):
    id: str
    text: str
    is_checked: bool = False


class Selection(Part, frozen=True, kw_only=True):
    question_key: str
    option_list: tuple[SelectOption, ...]  # At most 10.
    title: str = ""
    selected_id: str = ""
    disable: bool = False


class CardButton(Part, frozen=True, kw_only=True):
    text: str
    key: str = ""
    type: int = 0  # 0 comes back as an event, 1 opens ``url``.
    style: int = 0  # 1 to 4.
    url: str = ""
    replace_text: str = ""


class Checkbox(Part, frozen=True, kw_only=True):
    question_key: str
    option_list: tuple[SelectOption, ...]  # At most 20.
    mode: Flag = 0  # 1: several may be chosen.
    disable: bool = False


class Submit(Part, frozen=True):
    text: str
    key: str


class TemplateCard(Part, frozen=True, kw_only=True):
    """A card; which parts it has depends on its type."""

    card_type: CardType
    source: Source | None = None
    action_menu: ActionMenu | None = None
    task_id: str = ""  # At most 128 bytes, once in the app; needed with buttons, votes and menus.
    main_title: Title | None = None
    quote_area: QuoteArea | None = None
    emphasis_content: Title | None = None
    sub_title_text: str = ""
    horizontal_content_list: tuple[HorizontalContent, ...] = ()  # At most 6.
    jump_list: tuple[Jump, ...] = ()  # At most 3.
    card_action: CardAction | None = None
    card_image: CardImage | None = None
    image_text_area: ImageTextArea | None = None
    vertical_content_list: tuple[Title, ...] = ()  # At most 4.
    button_selection: Selection | None = None
    button_list: tuple[CardButton, ...] = ()  # At most 6.
    checkbox: Checkbox | None = None
    select_list: tuple[Selection, ...] = ()  # At most 3.
    submit_button: Submit | None = None
    replace_text: str = ""  # When a card is updated: what its button then says.
