"""What the companies' page is served and asks for."""

from contract.sandbox.wecom.corp import Company


async def test_the_page_shows_companies_without_their_secrets(company: Company) -> None:
    await company.add(1, "staff01")
    await company.ok("/externalcontact/add_msg_template", {"text": {"content": "新品"}, "sender": "staff01"})
    visible = {"visible_range": {"sender_list": {"user_list": ["staff01"]}}}
    await company.ok("/externalcontact/add_moment_task", {"text": {"content": "新品"}} | visible)
    company.rig.clock.advance(5)
    (shown,) = (await company.rig.control("GET", "/phone/corps"))["items"]
    assert shown["staff"][0] == {
        "userid": "staff01",
        "name": shown["staff"][0]["name"],
        "customers": 1,
        "tasks": 2,
    }
    assert (shown["corpid"], shown["groups"], shown["kf"]) == (company.corp.corpid, 0, 0)
    secrets = [secret for _, secret in company.corp.all_secrets()]
    assert not any(secret in str(shown) for secret in secrets)


async def test_the_page_and_its_parts_are_served(company: Company) -> None:
    for name in (
        "companies.html",
        "companies.js",
        "company_cards.js",
        "company_customers.js",
        "companies.css",
    ):
        assert (await company.rig.fetch(f"/sandbox/web/{name}"))[0] == 200
