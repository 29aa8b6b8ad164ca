import { InputNumber, Select } from "antd";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { Row } from "./FactsEditor";
import { SpanInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";
import { DATE_PERIODS, type DateCondition, type DateWhen } from "./tree";

const STARTS: Record<Exclude<DateWhen["kind"], "at">, DateWhen> = {
  anniversary: { kind: "anniversary", from: 0, to: 7 },
  days: { kind: "days", from: -7, to: 0 },
  this: { kind: "this", period: "month" },
  ago: { kind: "ago", op: "at_most", amount: 30, unit: "days" },
  ahead: { kind: "ahead", op: "at_most", amount: 30, unit: "days" },
};

export function DateEditor({ leaf, catalogue, onChange }: LeafProps<DateCondition>) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const { when } = leaf;
  const kinds = when.kind === "at" ? [...Object.keys(STARTS), "at"] : Object.keys(STARTS);
  const setKind = (kind: DateWhen["kind"]) =>
    onChange({ ...leaf, when: kind === "at" ? when : STARTS[kind] });
  return (
    <>
      <Row label={t("leaf.date")}>
        <PickOrType
          label={t("date.key")}
          value={leaf.key}
          options={catalogue?.attributes.map(({ key, name }) => ({
            value: key,
            label: name ?? words.name(key),
          }))}
          onChange={(key) => onChange({ ...leaf, key })}
          className={styles.name}
        />
        <Select
          aria-label={t("date.when")}
          value={when.kind}
          onChange={setKind}
          options={kinds.map((kind) => ({
            value: kind as DateWhen["kind"],
            label: t(`dateWhen.${kind as DateWhen["kind"]}`),
          }))}
          popupMatchSelectWidth={false}
        />
      </Row>
      <Row label="">
        <WhenInput value={when} onChange={(next) => onChange({ ...leaf, when: next })} />
      </Row>
    </>
  );
}

function WhenInput({ value, onChange }: { value: DateWhen; onChange: (when: DateWhen) => void }) {
  const { t } = useI18n();
  switch (value.kind) {
    case "days":
    case "anniversary":
      return <DaysInput value={value} onChange={onChange} />;
    case "this":
      return (
        <Select
          aria-label={t("segment.period")}
          value={value.period}
          onChange={(period) => onChange({ kind: "this", period })}
          options={DATE_PERIODS.map((period) => ({ value: period, label: t(`datePeriod.${period}`) }))}
          popupMatchSelectWidth={false}
        />
      );
    case "at":
      return (
        <code className="mono">
          {t(`at.${value.op}`)} {value.instant}
        </code>
      );
    default:
      return (
        <>
          <Select
            aria-label={t("segment.operator")}
            value={value.op}
            onChange={(op) => onChange({ ...value, op })}
            options={(["at_least", "at_most"] as const).map((op) => ({ value: op, label: t(`ahead.${op}`) }))}
            popupMatchSelectWidth={false}
          />
          <SpanInput
            amount={value.amount}
            unit={value.unit}
            onChange={(amount, unit) => onChange({ ...value, amount, unit })}
          />
          <span className="muted">{t(value.kind === "ago" ? "segment.ago" : "date.ahead")}</span>
        </>
      );
  }
}

type DaysWhen = Extract<DateWhen, { from: number }>;

function DaysInput({ value, onChange }: { value: DaysWhen; onChange: (when: DateWhen) => void }) {
  const { t } = useI18n();
  const lunar = value.kind === "anniversary" && value.calendar === "lunar";
  const reach = value.kind === "days" ? 36_600 : lunar ? 31 : 365;
  const common = { min: -reach, max: reach, precision: 0, style: { width: 84 } };
  return (
    <>
      {value.kind === "anniversary" && (
        <Select
          aria-label={t("almanac.label")}
          value={value.calendar ?? "solar"}
          onChange={(calendar) => onChange({ kind: "anniversary", from: 0, to: 7, calendar })}
          options={(["solar", "lunar"] as const).map((one) => ({ value: one, label: t(`almanac.${one}`) }))}
          popupMatchSelectWidth={false}
        />
      )}
      <span className={styles.pair}>
        <InputNumber
          {...common}
          aria-label={t("date.from")}
          value={value.from}
          onChange={(from) => from !== null && onChange({ ...value, from, to: Math.max(from, value.to) })}
        />
        –
        <InputNumber
          {...common}
          aria-label={t("date.to")}
          value={value.to}
          onChange={(to) => to !== null && onChange({ ...value, to, from: Math.min(to, value.from) })}
        />
      </span>
      <span className="muted">{t("date.days")}</span>
    </>
  );
}
