"""Things: files, articles, and what readers write under them."""

import base64
from functools import cached_property
from typing import Any

from contract.conformance.worlds.people import People


class Things(People):
    """Things: files, articles, and what readers write under them."""

    def content(self, name: str) -> dict[str, str]:
        """Return a file as a program hands it on."""
        return {"base64": base64.b64encode((self.files / name).read_bytes()).decode()}

    def bytes_of(self, name: str) -> bytes:
        return (self.files / name).read_bytes()

    def file(self, name: str, content_type: str) -> dict[str, Any]:
        """Return a file as our client takes it."""
        return {"content": self.bytes_of(name), "filename": name, "content_type": content_type}

    def _temporary(self, kind: str, name: str, account: dict[str, Any] | None = None) -> str:
        made = self.platform.upload("/cgi-bin/media/upload", self.files / name, account, type=kind)
        return str(made["thumb_media_id" if kind == "thumb" else "media_id"])

    @cached_property
    def image(self) -> str:
        """A temporary image; the others likewise."""
        return self._temporary("image", "photo.jpg")

    @cached_property
    def voice(self) -> str:
        return self._temporary("voice", "voice.amr")

    @cached_property
    def video(self) -> str:
        return self._temporary("video", "film.mp4")

    @cached_property
    def thumb(self) -> str:
        return self._temporary("thumb", "photo.jpg")

    @cached_property
    def mass_video(self) -> str:
        """A video made ready for mass messages."""
        body = {"media_id": self.video, "title": "采茶", "description": "春天"}
        return str(self.platform.post("/cgi-bin/media/uploadvideo", body)["media_id"])

    @cached_property
    def picture(self) -> str:
        """A permanent image."""
        made = self.platform.upload("/cgi-bin/material/add_material", self.files / "photo.jpg", type="image")
        return str(made["media_id"])

    def material_count(self) -> dict[str, Any]:
        return self.platform.get("/cgi-bin/material/get_materialcount")

    def _article(self) -> dict[str, Any]:
        return {
            "title": "春茶上市",
            "author": "青山",
            "content": "<p>今年的第一批。</p>",
            "thumb_media_id": self.picture,
            "need_open_comment": 1,
        }

    @cached_property
    def draft(self) -> str:
        made = self.platform.post("/cgi-bin/draft/add", {"articles": [self._article()]})
        return str(made["media_id"])

    def draft_titles(self) -> list[str]:
        items = self.platform.post("/cgi-bin/draft/get", {"media_id": self.draft})["news_item"]
        return [str(item["title"]) for item in items]

    @cached_property
    def news(self) -> str:
        """Permanent articles of the kind that drafts have replaced."""
        made = self.platform.post("/cgi-bin/material/add_news", {"articles": [self._article()]})
        return str(made["media_id"])

    def articles(self, media_id: str) -> list[dict[str, Any]]:
        found = self.platform.post("/cgi-bin/material/get_material", {"media_id": media_id})
        items: list[dict[str, Any]] = found["news_item"]
        return items

    @cached_property
    def published(self) -> dict[str, Any]:
        """A published draft: ``publish_id``, ``msg_data_id``, ``article_id``."""
        made = self.platform.post("/cgi-bin/freepublish/submit", {"media_id": self.draft})
        self.settle()
        asked = {"publish_id": made["publish_id"]}
        return made | self.platform.post("/cgi-bin/freepublish/get", asked)

    @cached_property
    def comment(self) -> int:
        """A follower's comment under the published article."""
        self.published  # noqa: B018 - publishes.
        appid = self.platform.shop["appid"]
        url = self.platform.control("GET", f"/accounts/{appid}/articles")["items"][-1]["url"]
        self.fan  # noqa: B018 - follows.
        made = self.platform.control("POST", "/people/1/comment", {"url": url, "content": "好茶"})
        return int(made["user_comment_id"])

    def _on_comment(self, what: str, **more: Any) -> int:
        body = {"msg_data_id": self.published["msg_data_id"], "index": 0, "user_comment_id": self.comment}
        self.platform.post(f"/cgi-bin/comment/{what}", body | more)
        return self.comment

    @cached_property
    def elected_comment(self) -> int:
        return self._on_comment("markelect")

    @cached_property
    def answered_comment(self) -> int:
        return self._on_comment("reply/add", content="谢谢")

    def comments(self) -> list[dict[str, Any]]:
        body = {"msg_data_id": self.published["msg_data_id"], "index": 0, "begin": 0, "count": 49, "type": 0}
        listed: list[dict[str, Any]] = self.platform.post("/cgi-bin/comment/list", body)["comment"]
        return listed
