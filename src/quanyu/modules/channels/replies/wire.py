"""From our words to the platform's: a content as passive reply, and as customer-service message."""

from pydantic import TypeAdapter

from quanyu.modules.channels.replies.contracts import (
    ImageContent,
    MusicContent,
    NewsContent,
    ReplyContent,
    TextContent,
    TransferContent,
    VideoContent,
    VoiceContent,
)
from quanyu.wechat.common import custom_messages as custom
from quanyu.wechat.official_account import replies

_CONTENT: TypeAdapter[ReplyContent] = TypeAdapter(ReplyContent)


def content_json(content: ReplyContent) -> bytes:
    """Write a content as it is kept."""
    return _CONTENT.dump_json(content)


def read_content(text: bytes | str) -> ReplyContent:
    """Read what ``content_json`` wrote."""
    return _CONTENT.validate_json(text)


def passive(content: ReplyContent) -> replies.Reply:
    """Return ``content`` as the answer to a callback."""
    match content:
        case TextContent():
            return replies.TextReply(content.text)
        case ImageContent():
            return replies.ImageReply(content.media_id)
        case VoiceContent():
            return replies.VoiceReply(content.media_id)
        case VideoContent():
            return replies.VideoReply(content.media_id, content.title, content.description)
        case MusicContent():
            return replies.MusicReply(
                thumb_media_id=content.thumb_media_id,
                title=content.title,
                description=content.description,
                music_url=content.music_url,
                hq_music_url=content.hq_music_url,
            )
        case NewsContent():
            article = replies.NewsArticle(
                content.title, content.description, content.picture_url, content.url
            )
            return replies.NewsReply((article,))
        case TransferContent():
            return replies.TransferReply(content.kf_account)


def later(content: ReplyContent, openid: str) -> custom.AnyCustomMessage:
    """Return ``content`` as a customer-service message; a transfer has no such form."""
    match content:
        case TextContent():
            return custom.CustomText(touser=openid, text=custom.Text(content.text))
        case ImageContent():
            return custom.CustomImage(touser=openid, image=custom.Media(content.media_id))
        case VoiceContent():
            return custom.CustomVoice(touser=openid, voice=custom.Media(content.media_id))
        case VideoContent():
            video = custom.Video(content.media_id, content.thumb_media_id, content.title, content.description)
            return custom.CustomVideo(touser=openid, video=video)
        case MusicContent():
            music = custom.Music(
                content.title,
                content.description,
                content.music_url,
                content.thumb_media_id,
                content.hq_music_url or content.music_url,
            )
            return custom.CustomMusic(touser=openid, music=music)
        case NewsContent():
            article = custom.Article(content.title, content.description, content.url, content.picture_url)
            return custom.CustomNews(touser=openid, news=custom.Articles((article,)))
        case TransferContent():
            raise AssertionError("a transfer is said at once or not at all")
