import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";
import styles from "./sending.module.css";
import type { ContentProps } from "./TemplateFields";

const FIELDS_MAX = 30;

/** What another system is told: the name of an event, and named texts. */
export function WebhookFields({ content, onChange }: ContentProps) {
  const { t } = useI18n();
  // Rows are kept as they are typed: two may have the same name for a moment.
  const [rows, setRows] = useState(() => Object.entries(content.data ?? {}).map(([k, v]) => [k, String(v)]));
  const set = (next: string[][]) => {
    setRows(next);
    onChange({ ...content, data: Object.fromEntries(next.filter(([name]) => name?.trim())) });
  };
  const put = (index: number, at: number, value: string) =>
    set(rows.map((row, place) => (place === index ? row.with(at, value) : row)));
  return (
    <>
      <Field label={t("send.webhook.event")} hint={t("send.webhook.event.hint")}>
        <Input
          aria-label={t("send.webhook.event")}
          value={String(content.event ?? "")}
          onChange={(event) => onChange({ ...content, event: event.target.value })}
        />
      </Field>
      <Field label={t("send.webhook.data")}>
        {rows.map(([name, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed.
          <div key={index} className={styles.item}>
            <Input
              aria-label={t("send.webhook.name", { number: String(index + 1) })}
              placeholder={t("send.webhook.name", { number: String(index + 1) })}
              value={name}
              onChange={(event) => put(index, 0, event.target.value)}
            />
            <Input
              aria-label={t("send.webhook.value", { number: String(index + 1) })}
              placeholder={t("send.webhook.value", { number: String(index + 1) })}
              value={value}
              onChange={(event) => put(index, 1, event.target.value)}
            />
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t("send.webhook.remove", { number: String(index + 1) })}
              onClick={() => set(rows.toSpliced(index, 1))}
            />
          </div>
        ))}
        <Button disabled={rows.length >= FIELDS_MAX} onClick={() => set([...rows, ["", ""]])}>
          {t("send.webhook.add")}
        </Button>
      </Field>
    </>
  );
}
