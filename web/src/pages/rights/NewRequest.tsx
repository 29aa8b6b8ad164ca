import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { KINDS, openRightsRequest, type RightsKind } from "../../api/rights";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import { PeopleSelect } from "../channels/PeopleSelect";
import styles from "./rights.module.css";

const LINE_MAX = 300;
const NOTE_MAX = 1_000;

interface NewRequestProps {
  /** Whose request it is, where that is known already. */
  personId?: string;
  onClose: () => void;
  onMade: (id: string) => void;
}

/** Enters what somebody asked for, and how they showed who they are. */
export function NewRequest({ personId, onClose, onMade }: NewRequestProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [people, setPeople] = useState<readonly string[]>(personId ? [personId] : []);
  const [kind, setKind] = useState<RightsKind>("access");
  const [verified, setVerified] = useState("");
  const [note, setNote] = useState("");
  const person = people[0] ?? "";
  const make = useMutation({
    mutationFn: () => openRightsRequest({ person, kind, verified_how: verified.trim(), note: note.trim() }),
    onSuccess: ({ id }) => {
      queries.invalidateQueries({ queryKey: ["rights"] });
      onMade(id);
    },
  });
  return (
    <Modal
      open
      title={t("rights.new")}
      okText={t("rights.new")}
      okButtonProps={{ disabled: !person || !verified.trim(), loading: make.isPending }}
      onOk={() => make.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack} data-testid="new-rights-request">
        {!personId && (
          <Field label={t("rights.person")}>
            {(id) => <PeopleSelect id={id} value={people} onChange={setPeople} max={1} />}
          </Field>
        )}
        <Field label={t("rights.kind")} hint={t(`rights.kind.${kind}.hint`)}>
          {(id) => (
            <Select
              id={id}
              value={kind}
              onChange={setKind}
              options={KINDS.map((value) => ({ value, label: t(`rights.kind.${value}`) }))}
            />
          )}
        </Field>
        <Field label={t("rights.verified")}>
          {(id) => (
            <Input
              id={id}
              value={verified}
              maxLength={LINE_MAX}
              placeholder={t("rights.verified.example")}
              onChange={(event) => setVerified(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("rights.note")} hint={t("rights.note.hint")}>
          {(id) => (
            <Input.TextArea
              id={id}
              value={note}
              maxLength={NOTE_MAX}
              autoSize={{ minRows: 2, maxRows: 6 }}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        {make.error && <ErrorNotice error={make.error} />}
      </div>
    </Modal>
  );
}
