import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Modal } from "antd";
import { useState } from "react";
import { revealPerson, revealsQuery } from "../../api/reveals";
import type { Person } from "../../api/types";
import { useAgo, useMay } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { Field } from "../channels/content/Field";
import styles from "../wecom/tags/tags.module.css";
import { useIdentityWords } from "./identityWords";

/** Opens the form to see identifiers in full, for those who may. */
export function RevealButton({ person }: { person: Person }) {
  const { t } = useI18n();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may("people.reveal")) return null;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("reveal.open")}
      </Button>
      {isOpen && <RevealForm person={person} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What is shown lives in this form alone: closing it forgets it. */
function RevealForm({ person, onClose }: { person: Person; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const words = useFieldWords();
  const fields = fieldsOf(person);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [reason, setReason] = useState("");
  const reveal = useMutation({
    mutationFn: () => revealPerson(person.id, chosen, reason.trim()),
    onSettled: () => queries.invalidateQueries({ queryKey: ["person-reveals", person.id] }),
  });
  const isReady = chosen.length > 0 && reason.trim().length > 1;
  return (
    <Modal
      open
      title={t("reveal.title")}
      okText={t("reveal.show")}
      okButtonProps={{ disabled: !isReady, loading: reveal.isPending }}
      onOk={() => reveal.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack} data-testid="reveal">
        <p className="soft">{t("reveal.text")}</p>
        {fields.length === 0 && <p className="muted">{t("reveal.nothing")}</p>}
        <Checkbox.Group
          value={[...chosen]}
          onChange={setChosen}
          options={fields.map((value) => ({ value, label: words(value) }))}
        />
        <Field label={t("reveal.reason")} hint={t("reveal.reason.hint")}>
          {(id) => (
            <Input
              id={id}
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {reveal.error && <ErrorNotice error={reveal.error} />}
        <ul role="status">
          {reveal.data?.items.map((one) => (
            <li key={`${one.field}:${one.scope}:${one.value}`}>
              {words(one.field)} <span className="mono">{one.value}</span>{" "}
              {one.scope && <small className="muted">{one.scope}</small>}
            </li>
          ))}
        </ul>
        <Notes personId={person.id} />
      </div>
    </Modal>
  );
}

/** Who looked before, for those who may see such records. */
function Notes({ personId }: { personId: string }) {
  const { t } = useI18n();
  const ago = useAgo();
  const may = useMay();
  const words = useFieldWords();
  const { data } = useQuery({ ...revealsQuery(personId), enabled: may("audit.read") });
  if (!data || data.items.length === 0) return null;
  return (
    <details>
      <summary>{t("reveal.notes")}</summary>
      <ul className={styles.small}>
        {data.items.map((one) => (
          <li key={`${one.at}:${one.actor}`}>
            {one.actor} · {ago(one.at)} · {one.fields.map(words).join("、")} · {one.reason}
          </li>
        ))}
      </ul>
    </details>
  );
}

const FIELDS_MAX = 10;

function fieldsOf(person: Person): string[] {
  const masked = person.attributes.filter((one) => one.classification === "identifier");
  const names = [...masked.map((one) => one.key), ...person.identities.map((one) => one.namespace)];
  return [...new Set(names)].slice(0, FIELDS_MAX);
}

/** A field is an attribute or a kind of identifier; where it is both, they have one name. */
function useFieldWords(): (field: string) => string {
  const attributes = useAttributeWords();
  const identities = useIdentityWords();
  return (field) => {
    const name = attributes.name(field);
    return name === field ? identities.kind(field) : name;
  };
}
