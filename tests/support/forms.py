"""Forms for tests."""

from typing import Any

from quanyu.modules.forms.definition import FormDefinition


def options(*keys: str, **more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return options that are called as their keys."""
    return [{"key": key, "label": f"选项 {key}", **more.get(key, {})} for key in keys]


def choice(key: str, *keys: str, kind: str = "single", **more: Any) -> dict[str, Any]:
    """Return a question with options."""
    return {"kind": kind, "key": key, "title": f"题 {key}", "options": options(*keys), **more}


def ranking(key: str, *keys: str, **more: Any) -> dict[str, Any]:
    """Return a question for an order."""
    return choice(key, *keys, kind="ranking", **more)


def text(key: str, **more: Any) -> dict[str, Any]:
    """Return a question for a line of text."""
    return {"kind": "text", "key": key, "title": f"题 {key}", **more}


def chosen(question: str, *keys: str, match: str = "any") -> dict[str, Any]:
    """Return a condition on options."""
    return {"kind": "chosen", "question": question, "match": match, "options": list(keys)}


def jump(to: str, *when: dict[str, Any], match: str = "all") -> dict[str, Any]:
    """Return a jump."""
    return {"to": to, "when": list(when), "match": match}


def form(*pages: list[dict[str, Any]], **more: Any) -> FormDefinition:
    """Return a form of pages of questions."""
    return FormDefinition.model_validate(plain(*pages, **more))


def plain(*pages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a form as it is sent."""
    return {
        "title": "春茶问卷",
        "pages": [{"key": f"p{at}", "questions": questions} for at, questions in enumerate(pages, 1)],
        **more,
    }


def ranked(*keys: str) -> dict[str, Any]:
    """Return an answer of options in order."""
    return {"ranked": list(keys)}


def picks(*keys: str, **more: str) -> dict[str, Any]:
    """Return an answer of options."""
    return {"picks": list(keys), **more}
