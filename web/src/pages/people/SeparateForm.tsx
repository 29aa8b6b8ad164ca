import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Modal } from "antd";
import { useState } from "react";
import { markIdentity, separateIdentities, separationPreviewQuery } from "../../api/identity";
import type { KnownIdentity, SeparationPreview } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useFormat } from "../../ui/useFormat";
import { Field } from "../channels/content/Field";
import { useIdentityWords } from "./identityWords";
import styles from "./people.module.css";

const REASON_MAX = 200;

interface SeparateFormProps {
  personId: string;
  chosen: KnownIdentity[];
  all: KnownIdentity[];
  onClose: () => void;
}

/** What would move is shown first; then it is done, with the reason on record. */
export function SeparateForm({ personId, chosen, all, onClose }: SeparateFormProps) {
  const { t } = useI18n();
  const [reason, setReason] = useState("");
  const ids = chosen.map((one) => one.id);
  const preview = useQuery(separationPreviewQuery(personId, ids));
  const separate = useDecision(personId, () => separateIdentities(personId, ids, reason.trim()), onClose);
  return (
    <Modal
      open
      title={t("identity.separate.title")}
      okText={t("identity.separate.do")}
      okButtonProps={{ danger: true, disabled: !preview.data || !reason.trim(), loading: separate.isPending }}
      onOk={() => separate.mutate()}
      onCancel={onClose}
    >
      {preview.error && <ErrorNotice error={preview.error} onRetry={preview.refetch} />}
      {preview.isPending && <p className="muted">{t("identity.preview.pending")}</p>}
      {preview.data && <Preview preview={preview.data} all={all} />}
      <ReasonField reason={reason} onChange={setReason} />
      {separate.error && <ErrorNotice error={separate.error} />}
    </Modal>
  );
}

function Preview({ preview, all }: { preview: SeparationPreview; all: KnownIdentity[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useIdentityWords();
  const moves = Object.entries(preview.moves).filter(([, count]) => count > 0);
  return (
    <div data-testid="separation-preview">
      <p>{t("identity.preview.sides", { people: preview.sides.length, edges: preview.edges })}</p>
      <ul className={styles.sides}>
        {preview.sides.map((side) => (
          <li key={side.identities.join()}>
            <strong>{side.person ?? t("identity.preview.new")}</strong>
            <span>
              {side.identities
                .map((id) => all.find((one) => one.id === id))
                .map((one) => one && `${words.kind(one.namespace)} ${one.value_masked}`)
                .filter(Boolean)
                .join("，")}
            </span>
            {side.events !== null && (
              <small className="muted">
                {t("identity.preview.events", { count: format.count(side.events) })}
              </small>
            )}
          </li>
        ))}
      </ul>
      <p className="muted">
        {moves.length === 0
          ? t("identity.preview.nothing")
          : t("identity.preview.moves", {
              what: moves.map(([kind, count]) => `${words.moved(kind)} ${format.count(count)}`).join("，"),
            })}
      </p>
    </div>
  );
}

interface MarkFormProps {
  personId: string;
  identity: KnownIdentity;
  onClose: () => void;
}

/** Saying that many use an identifier, or that they do not after all. */
export function MarkForm({ personId, identity, onClose }: MarkFormProps) {
  const { t } = useI18n();
  const [reason, setReason] = useState("");
  const marks = !identity.flag;
  const mark = useDecision(
    personId,
    () => markIdentity(personId, identity.id, marks, reason.trim()),
    onClose,
  );
  return (
    <Modal
      open
      title={t(marks ? "identity.mark" : "identity.unmark")}
      okText={t("save")}
      okButtonProps={{ disabled: !reason.trim(), loading: mark.isPending }}
      onOk={() => mark.mutate()}
      onCancel={onClose}
    >
      <p className="muted">{t(marks ? "identity.mark.effect" : "identity.unmark.effect")}</p>
      <ReasonField reason={reason} onChange={setReason} />
      {mark.error && <ErrorNotice error={mark.error} />}
    </Modal>
  );
}

function ReasonField({ reason, onChange }: { reason: string; onChange: (text: string) => void }) {
  const { t } = useI18n();
  return (
    <Field label={t("identity.reason")}>
      {(id) => (
        <Input
          id={id}
          value={reason}
          maxLength={REASON_MAX}
          placeholder={t("identity.reason.example")}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function useDecision<T>(personId: string, decide: () => Promise<T>, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: decide,
    onSuccess: () => {
      for (const key of ["person", "person-evidence", "timeline"])
        queries.invalidateQueries({ queryKey: [key, personId] });
      queries.invalidateQueries({ queryKey: ["people"] });
      onDone();
    },
  });
}
