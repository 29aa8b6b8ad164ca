import { DeleteOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Select } from "antd";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { type Company, saveCompany } from "../../api/companies";
import { staffQuery } from "../../api/wecom/staff";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import { CompanyPick } from "./CompanyPick";
import styles from "./companies.module.css";
import { readValue } from "./values";

interface Line {
  id: number;
  key: string;
  text: string;
  /** What it was when the form opened: untouched it goes back as it is, whatever it looks like. */
  before?: string | number | boolean;
}

/** A new company, or everything that is said of one by hand. */
export function CompanyForm({ company, onClose }: { company?: Company; onClose: () => void }) {
  const { t } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(company?.row.name ?? "");
  const [externalId, setExternalId] = useState(company?.row.external_id ?? "");
  const [domain, setDomain] = useState(company?.row.domain ?? "");
  const [parent, setParent] = useState(company?.row.parent?.id ?? "");
  const [owner, setOwner] = useState(company?.row.owner?.id ?? "");
  const [lines, setLines] = useState<Line[]>(() =>
    (company?.attributes ?? []).map((one, id) => ({
      id,
      key: one.key,
      text: String(one.value),
      before: one.value,
    })),
  );
  const save = useMutation({
    mutationFn: () =>
      saveCompany(company?.row.id ?? null, {
        name: name.trim(),
        external_id: externalId.trim(),
        domain: domain.trim(),
        parent: parent || null,
        owner: owner || null,
        attributes: Object.fromEntries(
          lines.filter((one) => one.key.trim()).map((one) => [one.key.trim(), valueOfLine(one)]),
        ),
      }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["companies"] });
      await queries.invalidateQueries({ queryKey: ["company"] });
      onClose();
      if (!company) go(`/companies/${saved}`);
    },
  });
  return (
    <Modal
      open
      width={620}
      title={t(company ? "companies.edit" : "companies.new")}
      okText={t("save")}
      okButtonProps={{ disabled: name.trim() === "", loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        <Field label={t("companies.name")}>
          {(id) => (
            <Input id={id} autoFocus maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
          )}
        </Field>
        <Field label={t("companies.externalId")} hint={t("companies.externalId.hint")}>
          {(id) => (
            <Input
              id={id}
              maxLength={200}
              value={externalId}
              onChange={(event) => setExternalId(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("companies.domain")}>
          {(id) => (
            <Input id={id} maxLength={200} value={domain} onChange={(e) => setDomain(e.target.value)} />
          )}
        </Field>
        <Field label={t("companies.parent")}>
          {(id) => (
            <CompanyPick
              id={id}
              value={parent}
              known={company?.row.parent ?? undefined}
              without={company?.row.id}
              onChange={setParent}
            />
          )}
        </Field>
        <Field label={t("companies.owner")}>
          {(id) => <OwnerPick id={id} value={owner} onChange={setOwner} />}
        </Field>
        <AttributeLines lines={lines} onChange={setLines} />
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}

const valueOfLine = (line: Line) =>
  line.before !== undefined && String(line.before) === line.text ? line.before : readValue(line.text);

function OwnerPick({ id, value, onChange }: { id: string; value: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  const [q, setQ] = useState("");
  const staff = useInfiniteQuery(staffQuery({ q: q || undefined }));
  const rows = staff.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Select
      id={id}
      allowClear
      showSearch={{ onSearch: setQ, filterOption: false }}
      placeholder={t("companies.owner")}
      value={value || undefined}
      onChange={(next: string | undefined) => onChange(next ?? "")}
      options={rows.map((one) => ({ value: one.id, label: one.name }))}
      style={{ width: "100%" }}
    />
  );
}

function AttributeLines({ lines, onChange }: { lines: Line[]; onChange: (lines: Line[]) => void }) {
  const { t } = useI18n();
  const next = useRef(lines.length);
  const change = (id: number, part: Partial<Line>) =>
    onChange(lines.map((one) => (one.id === id ? { ...one, ...part } : one)));
  return (
    <fieldset className={styles.stack}>
      <legend>{t("companies.attributes")}</legend>
      {lines.map((line) => (
        <div key={line.id} className={styles.pair}>
          <Input
            aria-label={t("companies.attributes.key")}
            placeholder={t("companies.attributes.key")}
            maxLength={64}
            value={line.key}
            onChange={(event) => change(line.id, { key: event.target.value })}
          />
          <Input
            aria-label={t("companies.attributes.value")}
            placeholder={t("companies.attributes.value")}
            maxLength={2000}
            value={line.text}
            onChange={(event) => change(line.id, { text: event.target.value })}
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("companies.attributes.remove", { key: line.key })}
            onClick={() => onChange(lines.filter((one) => one.id !== line.id))}
          />
        </div>
      ))}
      <Button onClick={() => onChange([...lines, { id: next.current++, key: "", text: "" }])}>
        {t("companies.attributes.add")}
      </Button>
    </fieldset>
  );
}
