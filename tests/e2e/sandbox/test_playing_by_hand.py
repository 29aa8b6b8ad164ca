"""A person plays a customer on the sandbox's page, in a real Chromium, against an account that answers."""

import re
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from contract.sandbox.rig import Rig
from e2e.sandbox.conftest import Echo

pytestmark = pytest.mark.browser

PERSON = 4
SHOP = "https://shop.example/"


async def pick_up(page: Page, rig: Rig, person: int = PERSON) -> None:
    """Open a person's phone at the first account."""
    await page.goto(f"/sandbox/web/#/{rig.account.appid}/{person}")
    await expect(page.locator(".title-bar")).to_be_visible()


async def said(page: Page) -> list[str]:
    """The texts of the conversation, as shown."""
    return [text.strip() for text in await page.locator(".line .bubble").all_inner_texts()]


async def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="说点什么…")
    if not await box.is_visible():
        await page.get_by_role("button", name="键盘").click()
    await box.fill(text)
    await box.press("Enter")


async def scan(page: Page, mark: str) -> None:
    box = page.get_by_role("textbox", name="说点什么…")
    if not await box.is_visible():
        await page.get_by_role("button", name="键盘").click()
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="扫一扫").click()
    await page.get_by_role("textbox", name="粘贴二维码").fill(mark)
    await page.get_by_role("button", name="确定").click()


async def test_a_whole_conversation_is_played_by_hand(page: Page, rig: Rig, echo: Echo) -> None:
    await page.goto("/sandbox/web/")
    await page.get_by_role("searchbox").fill(str(PERSON))
    await page.get_by_role("button", name=f"#{PERSON} ·").click()
    await expect(page.locator(".person")).to_have_count(1)

    await page.get_by_role("button", name="关注公众号").click()
    await expect(page.locator(".bubble")).to_have_text("欢迎光临!看看新品")
    await expect(page.locator(".line.is-event")).to_contain_text("关注了公众号")
    await expect(page.locator(".line.is-event .fate")).to_have_text(re.compile(r"已送达 \d+ ms"))

    rig.clock.advance(1)
    await write(page, "有新品吗")
    await expect(page.locator(".bubble").last).to_have_text("收到:有新品吗")

    rig.clock.advance(1)
    await page.get_by_role("button", name="菜单").click()
    await page.get_by_role("menuitem", name="新品").click()
    await expect(page.locator(".bubble").last).to_have_text("您点了 NEW_ARRIVALS")
    assert await said(page) == ["欢迎光临!看看新品", "有新品吗", "收到:有新品吗", "您点了 NEW_ARRIVALS"]

    await page.get_by_role("button", name="公众号资料").click()
    await page.get_by_role("button", name="取消关注").click()
    await expect(page.get_by_role("button", name="关注公众号")).to_be_visible()
    await rig.settled()
    assert echo.heard() == ["subscribe", "text", "CLICK", "unsubscribe"]
    assert not rig.world.get_relation(rig.account, PERSON).following


async def test_a_lost_callback_is_seen_being_retried(page: Page, rig: Rig, echo: Echo) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    await rig.settled()
    await pick_up(page, rig)
    echo.is_ill = True
    await write(page, "在吗")
    mine = page.locator(".line.is-mine .fate")
    await expect(mine).to_have_text("未送达")
    await expect(page.locator(".line.is-note")).to_contain_text("该公众号提供的服务出现故障")
    await mine.click()
    attempts = page.locator(".callback[open] li")
    await expect(attempts).to_have_count(3)
    await expect(attempts.first).to_contain_text("HTTP 500")


async def test_what_the_account_sends_appears_by_itself(page: Page, rig: Rig) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    await pick_up(page, rig)
    await expect(page.locator(".window")).to_contain_text("剩")
    assert await rig.send_text(PERSON, "新茶到了") == 0
    await expect(page.locator(".bubble").last).to_have_text("新茶到了")
    await expect(page.locator(".window .budget b")).to_have_text("2")


async def test_cards_menus_and_templates_can_be_tapped(page: Page, rig: Rig, echo: Echo) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    await rig.control("POST", f"/people/{PERSON}/say", {"text": "hi"})
    await rig.settled()
    token = await rig.token()
    openid = rig.openid(PERSON)
    choices = {"head_content": "满意吗?", "list": [{"id": "101", "content": "满意"}], "tail_content": "谢谢"}
    article = {"title": "春茶上新", "description": "明前", "url": "https://shop.example/s", "picurl": ""}
    for body in (
        {"touser": openid, "msgtype": "msgmenu", "msgmenu": choices},
        {"touser": openid, "msgtype": "news", "news": {"articles": [article]}},
    ):
        assert (await rig.post("/cgi-bin/message/custom/send", body, access_token=token))["errcode"] == 0
    template = rig.account.templates[2]
    values = {"thing1": {"value": "10元券"}, "time2": {"value": "今天"}, "thing3": {"value": "快用"}}
    sent = {
        "touser": openid,
        "template_id": template.template_id,
        "data": values,
        "url": "https://shop.example/c",
    }
    assert (await rig.post("/cgi-bin/message/template/send", sent, access_token=token))["errcode"] == 0

    await pick_up(page, rig)
    await page.get_by_role("button", name="满意", exact=True).click()
    await expect(page.locator(".bubble").last).to_have_text("收到:满意")
    assert echo.product.received[-1].message["bizmsgmenuid"] == "101"

    for card, address in (
        ("春茶上新", "https://shop.example/s"),
        ("优惠券到期提醒", "https://shop.example/c"),
    ):
        await page.locator(".card button, button.card").filter(has_text=card).click()
        await expect(page.locator(".sheet .address")).to_have_text(address)
        await expect(page.get_by_role("link", name="在新标签页打开")).to_have_attribute("href", address)
        await page.get_by_role("button", name="关闭").click()
    await expect(page.locator(".callback summary code").first).to_contain_text("text")


async def test_a_code_is_scanned_by_its_ticket_or_its_address(page: Page, rig: Rig, echo: Echo) -> None:
    made = {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "store_jingan"}},
    }
    code = await rig.post("/cgi-bin/qrcode/create", made, access_token=await rig.token())
    await rig.control("POST", f"/people/{PERSON}/follow")
    await pick_up(page, rig)
    image = f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={quote(code['ticket'])}"
    for number, mark in enumerate((code["ticket"], code["url"], image), start=1):
        rig.clock.advance(1)
        await scan(page, mark)
        await expect(page.locator(".chip", has_text="扫了二维码")).to_have_count(number)
        await expect(page.locator(".bubble").last).to_have_text("您扫了 store_jingan")
    await scan(page, "https://shop.example/poster")
    await expect(page.locator(".sheet .address")).to_have_text("https://shop.example/poster")
    await page.get_by_role("button", name="关闭").click()
    await scan(page, "gQ" + "x" * 90 + "==")
    await expect(page.get_by_role("status")).to_have_text("no such QR code")
    await rig.settled()
    assert echo.heard() == ["subscribe", "SCAN", "SCAN", "SCAN"]


async def test_pictures_places_and_submenus_reach_the_account(
    page: Page, rig: Rig, echo: Echo, tmp_path: Path
) -> None:
    tea = {"type": "click", "name": "茶", "key": "TEA"}
    where = {"type": "location_select", "name": "最近门店", "key": "NEAR"}
    menu = {
        "button": [
            {"name": "逛逛", "sub_button": [tea, where]},
            {"type": "view", "name": "商城", "url": SHOP},
        ]
    }
    assert (await rig.post("/cgi-bin/menu/create", menu, access_token=await rig.token()))["errcode"] == 0
    await rig.control("POST", f"/people/{PERSON}/follow")
    await pick_up(page, rig)

    await page.get_by_role("button", name="逛逛").click()
    await page.get_by_role("menuitem", name="茶").click()
    await expect(page.locator(".bubble").last).to_have_text("您点了 TEA")
    await page.get_by_role("button", name="逛逛").click()
    await page.get_by_role("menuitem", name="最近门店").click()
    await page.get_by_role("combobox", name="位置").select_option("上海市静安区南京西路")
    await page.get_by_role("dialog").get_by_role("button", name="发送").click()
    await expect(page.locator(".card.place strong")).to_have_text("上海市静安区南京西路")
    await page.get_by_role("menuitem", name="商城").click()
    await expect(page.locator(".sheet .address")).to_have_text(SHOP)
    await page.get_by_role("button", name="关闭").click()

    Image.new("RGB", (2000, 1000), "teal").save(tmp_path / "cup.png")
    await page.get_by_role("button", name="键盘").click()
    await page.get_by_role("button", name="更多").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="图片").click()
    await (await chooser.value).set_files(tmp_path / "cup.png")
    shown = page.locator(".line.is-mine img.picture")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1280
    await rig.settled()
    assert echo.heard()[1:] == ["CLICK", "location_select", "location", "VIEW", "image"]


async def test_subscription_requests_are_allowed_and_refused(page: Page, rig: Rig, echo: Echo) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    await rig.settled()
    token = await rig.token()
    [category, *_] = (await rig.get("/wxaapi/newtmpl/getcategory", access_token=token))["data"]
    wanted = {"ids": str(category["id"]), "start": "0", "limit": "1"}
    titles = await rig.get("/wxaapi/newtmpl/getpubtemplatetitles", access_token=token, **wanted)
    tid = titles["data"][0]["tid"]
    words = await rig.get("/wxaapi/newtmpl/getpubtemplatekeywords", access_token=token, tid=str(tid))
    kids = [one["kid"] for one in words["data"][:2]]
    added = {"tid": str(tid), "kidList": kids, "sceneDesc": "到货提醒"}
    assert (await rig.post("/wxaapi/newtmpl/addtemplate", added, access_token=token))["errcode"] == 0
    await pick_up(page, rig)
    await page.get_by_role("button", name="键盘").click()
    for answer, left in (("允许", "0 次可发"), ("拒绝", "1 次可发")):
        rig.clock.advance(1)
        await page.get_by_role("button", name="更多").click()
        await page.get_by_role("button", name="订阅通知").click()
        await expect(page.locator(".notice-row")).to_contain_text(left)
        await page.get_by_role("button", name=answer).click()
        await expect(page.locator(".sheet")).to_be_hidden()
    await expect(page.locator(".chip code")).to_have_text(["accept", "reject"])
    await rig.settled()
    assert echo.heard()[1:] == ["subscribe_msg_popup_event"] * 2


async def test_a_page_learns_whose_phone_it_is(page: Page, rig: Rig) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    back = f"{rig.product.url}/members"
    asked = {
        "appid": rig.account.appid,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
    }
    url = f"https://open.weixin.qq.com/connect/oauth2/authorize?{urlencode(asked | {'state': 's1'})}"
    assert await rig.send_text(PERSON, f'<a href="{url}#wechat_redirect">会员中心</a>') == 0
    await pick_up(page, rig)
    await page.get_by_role("button", name="会员中心", exact=True).click()
    await expect(page.locator(".sheet .address")).to_have_text(f"{url}#wechat_redirect")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="在新标签页打开").click()
    tab = await opened.value
    await tab.wait_for_url(f"{back}?*")
    answered = parse_qs(urlsplit(tab.url).query)
    assert answered["state"] == ["s1"]
    proof = {"appid": rig.account.appid, "secret": rig.account.secret, "code": answered["code"][0]}
    who = await rig.get("/sns/oauth2/access_token", grant_type="authorization_code", **proof)
    assert who["openid"] == rig.openid(PERSON)


async def test_nothing_that_is_said_becomes_part_of_the_page(page: Page, rig: Rig) -> None:
    await rig.control("POST", f"/people/{PERSON}/follow")
    hostile = '<img src=x onerror="document.title=1"><a href="javascript:document.title=2">点</a>'
    assert await rig.send_text(PERSON, hostile) == 0
    await pick_up(page, rig)
    await expect(page.locator(".bubble").last).to_have_text('<img src=x onerror="document.title=1">点')
    await page.locator(".bubble .word").last.click()
    await expect(page.locator(".sheet")).to_contain_text("不是网页地址,不打开")
    assert await page.locator(".sheet a").count() == 0
    assert await page.title() == "微信沙箱"


async def test_english_is_a_button_away(page: Page, rig: Rig) -> None:
    await pick_up(page, rig)
    await page.get_by_role("button", name="Switch to English").click()
    await page.get_by_role("button", name="Follow", exact=True).click()
    await expect(page.locator(".line.is-event")).to_contain_text("Followed")
    await page.reload()
    await expect(page.get_by_role("textbox", name="Say something…")).to_be_hidden()
    await expect(page.get_by_role("button", name="Keyboard")).to_be_visible()


async def test_it_fits_a_phone(phone: Page, rig: Rig, echo: Echo) -> None:
    await phone.goto("/sandbox/web/")
    await phone.locator(".person").nth(2).tap()
    await phone.get_by_role("button", name="关注公众号").tap()
    await expect(phone.locator(".bubble").last).to_contain_text("欢迎光临")
    for pane in ("人", "回调", "手机"):
        await phone.locator(".tabs").get_by_role("button", name=pane).tap()
        await expect(phone.locator(".pane:visible")).to_have_count(1)
        assert await phone.evaluate("document.documentElement.scrollWidth") <= 390
    await expect(phone.locator(".title-bar h2")).to_have_text(rig.account.name)
