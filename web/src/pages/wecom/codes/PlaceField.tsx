import { useInfiniteQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { liveCodesQuery, type Place } from "../../../api/wecom/codes";
import { useI18n } from "../../../i18n";
import styles from "./codes.module.css";
import { CLOSED } from "./draft";

const KINDS = ["closed", "kf", "form", "group_code", "link", "code"] as const;

interface PlaceFieldProps {
  label: string;
  /** The code this is a place of: it cannot lead to itself. */
  self?: string;
  corp: string;
  value: Place;
  onChange: (place: Place) => void;
}

/** Where people are led when nobody serves. */
export function PlaceField({ label, self, corp, value, onChange }: PlaceFieldProps) {
  const { t } = useI18n();
  return (
    <div className={styles.row}>
      <Select
        aria-label={label}
        value={value.kind ?? "closed"}
        onChange={(kind) => onChange({ ...CLOSED, kind })}
        options={KINDS.map((kind) => ({ value: kind, label: t(`wecom.codes.place.${kind}`) }))}
        style={{ width: 150 }}
      />
      <div className={styles.grow}>
        {value.kind === "closed" && (
          <Input
            aria-label={t("wecom.codes.place.text")}
            placeholder={t("wecom.codes.place.text")}
            maxLength={200}
            value={value.text}
            onChange={(event) => onChange({ ...value, text: event.target.value })}
          />
        )}
        {value.kind === "code" && (
          <CodeSelect
            self={self}
            corp={corp}
            value={value.code ?? ""}
            onChange={(code) => onChange({ ...value, code })}
          />
        )}
        {value.kind !== "closed" && value.kind !== "code" && (
          <Input
            aria-label={t("wecom.codes.place.url")}
            placeholder="https://"
            maxLength={1000}
            value={value.url}
            onChange={(event) => onChange({ ...value, url: event.target.value.trim() })}
          />
        )}
      </div>
    </div>
  );
}

interface CodeSelectProps {
  self?: string;
  corp: string;
  value: string;
  onChange: (code: string) => void;
}

function CodeSelect({ self, corp, value, onChange }: CodeSelectProps) {
  const { t } = useI18n();
  const { data } = useInfiniteQuery(liveCodesQuery({ status: "live" }));
  const rows = (data?.pages ?? []).flatMap((page) => page.items);
  return (
    <Select
      aria-label={t("wecom.codes.place.code")}
      placeholder={t("wecom.codes.place.code")}
      value={value || undefined}
      onChange={onChange}
      showSearch={{ optionFilterProp: "label" }}
      options={rows
        .filter((row) => row.id !== self && row.corp === corp)
        .map((row) => ({ value: row.id, label: row.name }))}
      style={{ width: "100%" }}
    />
  );
}
