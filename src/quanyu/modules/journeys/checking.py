"""What only the other modules can say of a draft: its segments, conditions, messages and templates."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError
from quanyu.modules.journeys.definition import (
    FINDINGS_MAX,
    Definition,
    SegmentEntered,
    SegmentExit,
    SegmentLeft,
    Send,
    Update,
)
from quanyu.modules.journeys.errors import Finding, InvalidJourney
from quanyu.modules.journeys.graph import parse_definition, questions_of
from quanyu.modules.journeys.ports import Audience, Changes
from quanyu.modules.messaging.capabilities import FieldsRule, capability_of, read_account_id
from quanyu.modules.messaging.contracts import TemplateRecord
from quanyu.modules.messaging.service import Messaging


class Checker:
    """Finds everything that keeps a draft from being published."""

    def __init__(self, audience: Audience, messaging: Messaging, changes: Changes) -> None:
        self._audience = audience
        self._messaging = messaging
        self._changes = changes

    async def require(self, uow: UnitOfWork, draft: Mapping[str, Any]) -> Definition:
        """Return the graph of a draft.

        Raises:
            InvalidJourney: names everything that is wrong, with the node it is in.
        """
        definition = parse_definition(draft)
        findings = [one async for one in self._find(uow, definition)]
        if findings:
            raise InvalidJourney(findings[:FINDINGS_MAX])
        return definition

    async def findings(self, uow: UnitOfWork, draft: Mapping[str, Any]) -> tuple[Finding, ...]:
        """Return what keeps a draft from being published."""
        try:
            await self.require(uow, draft)
        except InvalidJourney as error:
            return error.findings
        return ()

    async def _find(self, uow: UnitOfWork, definition: Definition) -> AsyncIterator[Finding]:
        if isinstance(definition.entry, SegmentEntered | SegmentLeft):
            try:
                await self._audience.check(uow, definition.entry.segment_id)
            except AppError as error:
                yield _finding("entry.segment_id", None, error)
        for place, rule in enumerate(definition.exits):
            if isinstance(rule, SegmentExit):
                try:
                    await self._audience.check(uow, rule.segment_id)
                except AppError as error:
                    yield _finding(f"exits.{place}.segment_id", None, error)
        templates = await self._templates(uow, definition)
        for node_id, node in definition.nodes.items():
            try:
                for question in questions_of(node):
                    part = question.part
                    await self._audience.check(uow, question.test)
                if isinstance(node, Update):
                    part = "change"
                    await self._changes.check(uow, node.change)
                elif isinstance(node, Send):
                    part = "account_id"
                    account_id = read_account_id(node.message_kind, node.account_id)
                    part = "content"
                    self._messaging.check_content(node.message_kind, node.content)
                    problem = _template_problem(node, templates.get(account_id, {}))
                    if problem:
                        yield Finding(
                            f"nodes.{node_id}.content",
                            f"nodes.{node_id}.content: {problem[0]}",
                            f"节点 {node_id} 的 content:{problem[1]}",
                            node_id,
                        )
            except AppError as error:
                yield _finding(f"nodes.{node_id}.{part}", node_id, error)

    async def _templates(
        self, uow: UnitOfWork, definition: Definition
    ) -> Mapping[int, Mapping[str, TemplateRecord]]:
        if not any(isinstance(one, Send) and _has_template(one) for one in definition.nodes.values()):
            return {}
        found: dict[int, dict[str, TemplateRecord]] = {}
        for template in await self._messaging.list_templates(uow):
            found.setdefault(template.account_id, {})[template.template_id] = template
        return found


def _has_template(node: Send) -> bool:
    return capability_of(node.message_kind).fields is not FieldsRule.FREE


def _template_problem(node: Send, known: Mapping[str, TemplateRecord]) -> tuple[str, str] | None:
    """Say why no message of this template could go out; an account not synchronised yet is not judged."""
    known = {key: one for key, one in known.items() if one.message_kind is node.message_kind}
    if not known or not _has_template(node):
        return None
    template = known.get(str(node.content.get("template_id")))
    if template is None or template.withdrawn_at is not None:
        return (
            "the account has no such template; synchronise templates if it is new",
            "该公众号没有此模板，如为新增请先同步模板",
        )
    missing = [name for name in template.fields if not (node.content.get("data") or {}).get(name)]
    if missing:
        return f"the template also needs {', '.join(missing)}", f"模板还需要字段 {'、'.join(missing)}"
    return None


def _finding(path: str, node: str | None, error: AppError) -> Finding:
    where = f"节点 {path.removeprefix('nodes.')}" if node else path
    return Finding(path, f"{path}: {error.message}", f"{where}:{error.message_zh or error.message}", node)
