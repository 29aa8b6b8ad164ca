import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Checkbox, Modal, Select } from "antd";
import { useState } from "react";
import { type Contact, saveContact } from "../../api/companies";
import { peopleQuery } from "../../api/queries";
import { useNow } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useDebounced } from "../../ui/useDebounced";
import { Field } from "../channels/content/Field";
import { knownName } from "../people/knownName";
import styles from "./companies.module.css";

interface ContactFormProps {
  company: string;
  contact?: Contact;
  onClose: () => void;
}

/** Who somebody is at a company: a new contact, or another role for one. */
export function ContactForm({ company, contact, onClose }: ContactFormProps) {
  const { t } = useI18n();
  const now = useNow();
  const queries = useQueryClient();
  const [person, setPerson] = useState(contact?.person ?? "");
  const [roles, setRoles] = useState<string[]>(contact?.roles ?? []);
  const [isPrimary, setPrimary] = useState(contact?.is_primary ?? false);
  const [isEnded, setEnded] = useState(Boolean(contact?.until));
  const save = useMutation({
    mutationFn: () =>
      saveContact(company, person, {
        roles,
        is_primary: isPrimary && !isEnded,
        since: contact?.since ?? null,
        until: isEnded ? (contact?.until ?? new Date(now).toISOString()) : null,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["company"] });
      onClose();
    },
  });
  const name = contact && (knownName(contact.person, contact.name) ?? t("people.unnamed"));
  return (
    <Modal
      open
      title={name ? t("companies.contact.edit", { name }) : t("companies.contact.add")}
      okText={t("save")}
      okButtonProps={{ disabled: !person, loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        {!contact && (
          <Field label={t("companies.contact.person")} hint={t("companies.contact.person.hint")}>
            {(id) => <PersonPick id={id} value={person} onChange={setPerson} />}
          </Field>
        )}
        <Field label={t("companies.contact.roles")} hint={t("companies.contact.roles.hint")}>
          {(id) => (
            <Select
              id={id}
              mode="tags"
              maxCount={10}
              open={false}
              suffixIcon={null}
              value={roles}
              onChange={setRoles}
              style={{ width: "100%" }}
            />
          )}
        </Field>
        <Checkbox
          checked={isPrimary && !isEnded}
          disabled={isEnded}
          onChange={(e) => setPrimary(e.target.checked)}
        >
          {t("companies.contact.primary")}{" "}
          <span className="muted">{t("companies.contact.primary.hint")}</span>
        </Checkbox>
        {contact && (
          <Checkbox checked={isEnded} onChange={(event) => setEnded(event.target.checked)}>
            {t("companies.contact.ended")}
          </Checkbox>
        )}
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}

interface PersonPickProps {
  id: string;
  value: string;
  onChange: (id: string) => void;
}

function PersonPick({ id, value, onChange }: PersonPickProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const q = useDebounced(typed.trim());
  const people = useInfiniteQuery(peopleQuery({ q: q || undefined }));
  const rows = people.data?.pages[0]?.items ?? [];
  return (
    <Select
      id={id}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      value={value || undefined}
      onChange={onChange}
      loading={people.isFetching}
      options={rows.map((row) => ({
        value: row.id,
        label: knownName(row.id, row.display_name) ?? `${t("people.unnamed")} ${row.id}`,
      }))}
      style={{ width: "100%" }}
    />
  );
}
