"""Files sent with answers: taken one by one before the answer, kept sealed, shown in the console alone."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import InvalidId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.forms.answer_queries import KeptAnswer
from quanyu.modules.forms.contracts import FILE_PREFIX, FormId, ShownFile, TakenFile
from quanyu.modules.forms.definition import FileQuestion, FormDefinition
from quanyu.modules.forms.errors import AnswersRefused, FileRefused, FormNotOpen
from quanyu.modules.forms.file_queries import WAITING_MAX, WAITS, FileQueries, KeptFile
from quanyu.modules.forms.queries import FormQueries
from quanyu.modules.forms.sniffing import Sniffed, Unsafe, sniff

NAME_MAX: Final = 120
_REST_S: Final = 600.0
_CONTENT: Final = b"forms.file"
_NAME: Final = b"forms.file_name"
_log = get_logger("forms")


class FileDoor:
    """Takes files; everybody may call it."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing) -> None:
        self._uows = uows
        self._keyring = keyring

    async def allowed(self, tenant_id: TenantId, form_id: FormId, question: str) -> FileQuestion:
        """Return the question a file would answer.

        Raises:
            FormNotOpen, FileRefused
        """
        async with self._uows.app(tenant_id) as uow:
            form = await FormQueries(uow).get(form_id)
            out = (await FormQueries(uow).latest([form_id])).get(form_id)
        if out is None or form.state != "open":
            raise FormNotOpen("the form takes no answers now", message_zh="表单已结束", state=form.state)
        asked = next((one for one in out.definition.questions if one.key == question), None)
        if not isinstance(asked, FileQuestion):
            raise _refused("file_question", "this question takes no files", "此题不接收文件")
        return asked

    async def take(
        self,
        tenant_id: TenantId,
        form_id: FormId,
        asked: FileQuestion,
        *,
        device: bytes,
        name: str,
        content: bytes,
    ) -> TakenFile:
        """Keep a file until its answer comes, 24 hours at the most.

        Raises:
            FileRefused: too large, of no kind that is taken, broken or dangerous, or too many wait.
        """
        if len(content) > asked.max_mb * 1024 * 1024:
            raise _refused("too_large", f"at most {asked.max_mb} MB", f"文件不能超过 {asked.max_mb} MB")
        try:
            found = await asyncio.to_thread(sniff, content, images_only=asked.kind == "image")
        except Unsafe as unsafe:
            _log.info("forms.file_refused", reason=unsafe.code, form_id=form_id)
            raise _refused(unsafe.code, unsafe.text, unsafe.text_zh) from None
        file = self._kept(asked.key, name, found)
        async with self._uows.app(tenant_id) as uow:
            queries = FileQueries(uow)
            if await queries.waiting(form_id, device) >= WAITING_MAX:
                raise _refused("too_many", "too many files wait for their answer", "待提交的文件过多")
            sealed = self._keyring.seal(found.content, context=_CONTENT)
            await queries.add(form_id, file, device=device, content_sealed=sealed)
        return TakenFile(
            id=encode_id(FILE_PREFIX, file.file_id), name=_clean(name), kind=file.kind, size=file.size
        )

    def _kept(self, question: str, name: str, found: Sniffed) -> KeptFile:
        return KeptFile(
            file_id=new_id(),
            question=question,
            name_sealed=self._keyring.seal(_clean(name).encode(), context=_NAME),
            kind=found.kind,
            size=len(found.content),
            uploaded_at=self._uows.clock.now(),
        )

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Remove files whose answer never came, until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                while await self.run_once(tenant_id) and not stopping.is_set():
                    pass
            except Exception as error:  # Ends nobody's worker: they are looked for again.
                _log.error("forms.files_failed", exc_info=error)
            await wait(stopping, _REST_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Remove the next such files; return 0 when there are none."""
        async with self._uows.system(tenant_id) as uow:
            return await FileQueries(uow).drop_forgotten(uow.clock.now() - WAITS)


class AnswerFiles:
    """Files of answers that were given."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    async def attach(
        self,
        uow: UnitOfWork,
        definition: FormDefinition,
        answer: KeptAnswer,
        values: Mapping[str, Any],
        *,
        device: bytes,
    ) -> None:
        """Put the files an answer names into it, in its transaction.

        Raises:
            AnswersRefused: one was not sent from this browser for this question, or was sent too long ago.
        """
        asked = [one for one in definition.questions if isinstance(one, FileQuestion)]
        if not asked:
            return
        queries, all_ids = FileQueries(uow), set[int]()
        for question in asked:
            ids = {decode_id(FILE_PREFIX, one) for one in values.get(question.key, ())}
            found = await queries.usable(
                answer.form_id, question.key, ids, device=device, answer=answer.answer_id
            )
            if ids != found:
                raise _gone(question.key)
            all_ids |= ids
        await queries.attach(answer.form_id, answer.answer_id, all_ids)

    def shown(self, files: list[KeptFile]) -> dict[str, tuple[ShownFile, ...]]:
        """Return the files of an answer by question."""
        by_question: dict[str, tuple[ShownFile, ...]] = {}
        for file in files:
            one = ShownFile(
                id=encode_id(FILE_PREFIX, file.file_id), name=self.name(file), kind=file.kind, size=file.size
            )
            by_question[file.question] = (*by_question.get(file.question, ()), one)
        return by_question

    def name(self, file: KeptFile) -> str:
        """Return a file's name with the ending of what it really is."""
        return self.named(file.name_sealed, file.kind)

    def named(self, name_sealed: bytes, kind: str) -> str:
        """Return a sealed name with the ending of a kind."""
        name = self._keyring.open(name_sealed, context=_NAME).decode()
        return f"{name.rpartition('.')[0] or name}.{kind}"

    def open(self, sealed: bytes) -> bytes:
        """Return what is in a file."""
        return self._keyring.open(sealed, context=_CONTENT)


def read_file_id(text: str) -> int | None:
    """Read an id as shown outside; ``None`` for none."""
    try:
        return decode_id(FILE_PREFIX, text)
    except InvalidId:
        return None


def _clean(name: str) -> str:
    """Return a name that is only shown, never used as a path."""
    plain = "".join(one for one in name if one.isprintable() and one not in '/\\"<>:|?*')
    return plain.strip(". ")[-NAME_MAX:] or "file"


def _refused(code: str, text: str, text_zh: str) -> FileRefused:
    return FileRefused(text, message_zh=text_zh, reason=code)


def _gone(question: str) -> AnswersRefused:
    text, text_zh = "a file is no longer there: choose it again", "文件已失效，请重新上传"
    problem = {"place": question, "code": "file", "text": text, "text_zh": text_zh}
    return AnswersRefused(f"{question}: {text}", message_zh=text_zh, problems=[problem])
