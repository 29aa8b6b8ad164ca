"""Where PostgreSQL holds something about people, and what an erasure does with it.

Every table with a column about somebody stands here: the list a person is shown is made from it, and so is
the work of erasing. ``tests/architecture/test_rights.py`` compares it with the migrations, so that no new
table comes without a decision:

- ``erased(table, …)``: rows of the person go. ``person``: the column with a person id. ``blind``: the column
  with the blind token of one of their identifiers.
- ``redacted(table, …, sets=…)``: rows stay for the figures; what says something of the person is emptied.
- ``kept(table, why, …)``: rows stay as they are, under a person id that stands for nobody any more.
- ``elsewhere(table, why)``: a step of its own takes care, or the columns are not about customers.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What becomes of rows."""

    ERASED = "erased"
    REDACTED = "redacted"
    KEPT = "kept"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One way in which a table holds something about people."""

    table: str
    fate: Fate
    people: tuple[str, ...] = ()  # Columns with a person id: any of them.
    tokens: tuple[str, ...] = ()  # Columns with a token of an identifier: any of them.
    sets: str = ""
    where: str = "true"
    why: str = ""

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.table if self.where == "true" else f"{self.table} ({self.where})"


def erased(table: str, *, person: str = "", blind: str = "", where: str = "true") -> Holding:
    """Rows of the person go."""
    return Holding(table=table, fate=Fate.ERASED, people=_split(person), tokens=_split(blind), where=where)


def redacted(table: str, *, sets: str, person: str = "", blind: str = "", where: str = "true") -> Holding:
    """Rows stay; what says something of the person is emptied."""
    return Holding(
        table=table,
        fate=Fate.REDACTED,
        people=_split(person),
        tokens=_split(blind),
        sets=sets,
        where=where,
    )


def kept(table: str, why: str, *, person: str = "", blind: str = "") -> Holding:
    """Rows stay, pseudonymous."""
    return Holding(table=table, fate=Fate.KEPT, why=why, people=_split(person), tokens=_split(blind))


def elsewhere(table: str, why: str) -> Holding:
    """Something else takes care, or nothing of a customer is there."""
    return Holding(table=table, fate=Fate.ELSEWHERE, why=why)


def _split(columns: str) -> tuple[str, ...]:
    return tuple(columns.split())


_OWN: Final = "the brand's own credentials or staff, not a customer's"
# In the order they are gone through; a table that others refer to comes after those.
HOLDINGS: Final[tuple[Holding, ...]] = (
    # People
    erased("person_attribute", person="person_id"),
    erased("person_attribute_past", person="person_id"),
    erased("person_tag_claim", person="person_id"),
    erased("people_job_step", person="person_id"),
    erased("people_job_failure", person="person_id"),
    erased("import_step", person="person_id"),
    erased("import_undo_person", person="person_id"),
    erased("import_undo_event", person="person_id"),
    elsewhere("people_export", "files with somebody erased are deleted within seconds; the register stays"),
    elsewhere("rights_package", "packages of somebody erased are deleted within seconds; the entry stays"),
    erased("match_pending", person="person_id"),
    erased("match_person", person="person_id"),
    erased("match_key", person="person_id"),
    erased("match_suggestion", person="person_a person_b"),
    erased("computed_touch", person="person_id"),
    erased("study_score", person="person_id"),
    erased("form_answer", person="person_id known_as"),
    elsewhere("form_file", "goes with its answer; without one, within a day"),
    erased("company_contact", person="person_id origin_person_id"),
    erased("identity_case", blind="token"),
    elsewhere("person", "goes first, with its identifiers"),
    elsewhere("identity", "goes first, with the person"),
    elsewhere("identity_edge", "goes first, with the person"),
    elsewhere("identity_quarantine", "goes first, with the person"),
    elsewhere("identity_decision", "goes first, with the person"),
    redacted("person_reveal", person="person_id", sets="reason = ''"),
    elsewhere("person_change", "a queue of ids to copy, emptied within seconds"),
    elsewhere("match_value", "how many people have a keyed value; names nobody"),
    elsewhere("match_run", "how far a run came; names nobody"),
    kept(
        "consent_entry",
        "the proof of what was agreed to and withdrawn; says nothing that names anybody",
        person="person_id",
    ),
    erased("consent_untold", person="person_id"),
    erased("message_optout", person="person_id"),
    erased("message_optout_said", person="person_id origin_id"),
    # Segments, scores, journeys
    erased("segment_member", person="person_id"),
    erased("segment_list_entry", person="person_id", blind="entry_token"),
    elsewhere("segment_list_version", "rows that named nobody in particular, sealed, for 30 days"),
    erased("rfm_score", person="person_id"),
    erased("lifetime_score", person="person_id"),
    erased("awaited_event", person="person_id"),
    erased("journey_change", person="person_id"),
    erased("enrolment", person="person_id"),
    erased("experiment_exposure", person="person_id origin_person_id"),
    erased("broadcast_person", person="person_id"),
    # Messages
    erased("message_intent", person="person_id", where="state IN ('planned', 'reserved', 'refused')"),
    redacted(
        "message_intent",
        person="person_id",
        where="state NOT IN ('planned', 'reserved', 'refused')",
        sets="sealed = ''::bytea, recipient = NULL, body_hash = ''::bytea, detail = NULL",
    ),
    erased("message_credit", person="person_id"),
    erased("message_block", person="person_id"),
    erased("person_message_counter", person="person_id"),
    erased("link_code", person="person_id"),
    elsewhere("message_window", "opened by a message, under a keyed token of its own; ends after 48 hours"),
    # Official accounts and mini programs
    erased("follower_tag", blind="openid_token"),
    erased("tag_change", blind="openid_token"),
    erased("tag_agreement", blind="token"),
    erased("tag_mirror_turn", person="person_id"),
    erased("late_reply", blind="openid_token"),
    erased("mini_session", blind="openid_token"),
    erased("raw_callback", blind="openid_token"),
    erased("follower", person="person_id", blind="openid_token"),
    # 企业微信
    erased("customer_tag", blind="customer_token"),
    erased("customer_tag_turn", blind="customer_token"),
    erased("corp_tag_conflict", blind="customer_token"),
    erased("tagged_relation", blind="customer_token"),
    erased("inheritance_customer", blind="customer_token"),
    erased("live_code_add", blind="customer_token"),
    erased("live_code_note", blind="customer_token"),
    erased("welcome", blind="customer_token"),
    erased("staff_alert", person="person_id", blind="customer_token"),
    erased("sidebar_deed", person="person_id", blind="customer_token"),
    erased("staff_customer", person="person_id", blind="customer_token"),
    erased("external_contact", person="person_id", blind="token"),
    erased("group_join_effect", blind="token"),
    erased("group_invitee", person="person_id", blind="token"),
    redacted("group_code_visit", person="person_id", sets="person_id = NULL"),
    redacted(
        "group_member",
        person="person_id",
        blind="token",
        sets="external_sealed = NULL, unionid_sealed = NULL, name_sealed = NULL, person_id = NULL",
    ),
    redacted("live_code_state", person="inviter_id", sets="inviter_id = NULL, origin_inviter_id = NULL"),
    elsewhere("staff_notice", "words to colleagues, sealed, that are emptied when they are sent or given up"),
    # Money
    elsewhere("payment_attempt", "the books: amounts and the payer's openid, sealed, as accounting law asks"),
    elsewhere("payment_notice", "the books: the platform's word on a payment, sealed"),
    # The log, and what is beside it
    elsewhere("log_event", "redacted in place by the step log"),
    elsewhere("log_batch", "whose events are whose: emptied by the step log"),
    elsewhere("event_quarantine", "opened one by one by the step quarantine"),
    elsewhere("rights_request", "the register itself: the proof of what was asked and done"),
    elsewhere("erased_token", "what keeps erased data from coming back, and says nothing without the key"),
    elsewhere("erased_person", "ids that stand for nobody"),
    # Not about customers
    *(
        elsewhere(table, _OWN)
        for table in (
            "official_account", "access_token", "corp_secret", "pay_merchant", "group_code", "staff_member",
            "drafting_model", "gateway",
        )
    ),
)  # fmt: skip
