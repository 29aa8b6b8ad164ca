"""Anticipated failures of taking imports back."""

from quanyu.flows.imports.undo.contracts import UNDO_DAYS, UndoRefusal
from quanyu.kernel.errors import Conflict, NotFound

_WHY = {
    UndoRefusal.NOT_PEOPLE: (
        "only imports of people can be taken back: what events and orders set off (messages, journeys, "
        "figures already told) cannot; record a correction instead, refunds for orders",
        "只有人员导入可以撤销：事件和订单引发的消息、旅程和已公布的数字无法收回；请改用更正，订单用退款",
    ),
    UndoRefusal.DRY_RUN: ("a dry run wrote nothing", "试运行没有写入任何数据"),
    UndoRefusal.RUNNING: ("the import is still running: cancel it first", "导入仍在进行，请先取消"),
    UndoRefusal.WROTE_NOTHING: (
        "the import wrote nothing, or was written by a release that did not note where",
        "这次导入没有写入数据，或由旧版本写入、没有留下撤销所需的记录",
    ),
    UndoRefusal.NOT_STORED: (
        "the import's events are still on their way into profiles and history; try again in a moment",
        "导入的数据仍在写入档案和历史，请稍后再试",
    ),
    UndoRefusal.TOO_OLD: (
        f"the import is older than {UNDO_DAYS} days, or the log does not hold its events any more",
        f"导入已超过 {UNDO_DAYS} 天，或日志已不再保留其事件",
    ),
    UndoRefusal.UNDONE: ("the import was taken back already", "这次导入已经撤销"),
}


class CannotUndoImport(Conflict):
    """The import cannot be taken back, or not now; ``reason`` says why."""

    code = "imports.cannot_undo"

    def __init__(self, reason: UndoRefusal) -> None:
        english, chinese = _WHY[reason]
        super().__init__(english, message_zh=chinese, reason=reason.value)


class UndoNotFound(NotFound):
    """Nobody asked to take this import back."""

    code = "imports.undo_not_found"


class UndoOver(Conflict):
    """The undo is not at a point where it can be stopped or resumed."""

    code = "imports.undo_over"
