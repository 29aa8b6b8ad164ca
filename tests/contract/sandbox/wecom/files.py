"""Files a company has uploaded."""

from contract.sandbox.wecom.corp import Company
from wechat_sandbox.wire import samples


async def picture(company: Company) -> str:
    """Upload a picture for three days; return its media id."""
    made = await company.upload("/media/upload", samples.picture(1), filename="a.png", type="image")
    return str(made["media_id"])


async def attachment(company: Company, number: int = 1) -> str:
    """Upload a picture for moments."""
    query = {"media_type": "image", "attachment_type": "1"}
    path = "/media/upload_attachment"
    made = await company.upload(path, samples.picture(number), filename="a.png", **query)
    return str(made["media_id"])
