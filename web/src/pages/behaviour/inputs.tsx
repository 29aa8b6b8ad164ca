import { Button, Select } from "antd";
import type { ReactNode } from "react";
import type { FunnelQuery } from "../../api/behaviour";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useEventName } from "../../ui/useEventName";
import { Filters } from "../segments/FactsEditor";
import { fieldsOf } from "../segments/fields";
import type { EventCondition, Filter } from "../segments/tree";
import styles from "./behaviour.module.css";

export type EventChoice = FunnelQuery["steps"][number];
export type Period = NonNullable<FunnelQuery["period"]>;
export type Breakdown = NonNullable<FunnelQuery["breakdown"]>;

const DAYS = [7, 14, 30, 60, 90, 180, 366];

export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <span className={styles.fieldLabel}>{label}</span>
      {children}
    </div>
  );
}

export function PeriodInput({ value, onChange }: { value: Period; onChange: (value: Period) => void }) {
  const { t } = useI18n();
  const own = value.kind === "dates" ? [{ value: 0, label: `${value.from} – ${value.to}` }] : [];
  return (
    <Labelled label={t("behaviour.days")}>
      <Select
        aria-label={t("behaviour.days")}
        value={value.kind === "last_days" ? value.days : 0}
        onChange={(days: number) => days > 0 && onChange({ kind: "last_days", days })}
        options={[
          ...own,
          ...DAYS.map((days) => ({ value: days, label: t("behaviour.days.last", { days }) })),
        ]}
        popupMatchSelectWidth={false}
      />
    </Labelled>
  );
}

interface EventInputProps {
  label: string;
  value: EventChoice;
  catalogue: Catalogue | undefined;
  onChange: (value: EventChoice) => void;
  onRemove?: { label: string; action: () => void };
}

/** One event with its filters, in the words and the fields of segments. */
export function EventInput({ label, value, catalogue, onChange, onRemove }: EventInputProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  const leaf = asLeaf(value);
  const options = catalogue?.events.map((event) => ({ value: event.name, label: eventName(event.name) }));
  const name = typeof value.name === "string" ? value.name : value.name.join(", ");
  return (
    <div className={styles.event}>
      <Labelled label={label}>
        {typeof value.name === "string" ? (
          <PickOrType
            label={label}
            value={name}
            options={options}
            onChange={(next) => onChange({ ...value, name: next })}
            className={styles.name}
          />
        ) : (
          <Select
            mode="tags"
            aria-label={label}
            value={[...value.name]}
            options={options}
            onChange={(names: string[]) => onChange({ ...value, name: names })}
            className={styles.names}
            popupMatchSelectWidth={false}
          />
        )}
        {onRemove && (
          <Button type="text" size="small" onClick={onRemove.action} aria-label={onRemove.label}>
            {t("segment.remove")}
          </Button>
        )}
      </Labelled>
      {name && (
        <Filters
          leaf={leaf}
          catalogue={catalogue}
          onChange={(where) => onChange({ ...value, where: where as EventChoice["where"] })}
        />
      )}
    </div>
  );
}

function asLeaf(choice: EventChoice): EventCondition {
  return { kind: "event", name: choice.name, where: (choice.where ?? []) as Filter[] };
}

/** Whether a question about the events can be asked: every one has a name, every filter a field. */
export function isChosen(...choices: readonly EventChoice[]): boolean {
  return choices.every(
    (choice) => choice.name.length > 0 && (choice.where ?? []).every((filter) => filter.field !== ""),
  );
}

interface BreakdownInputProps {
  value: Breakdown | null | undefined;
  events: readonly EventChoice[];
  catalogue: Catalogue | undefined;
  onChange: (value: Breakdown | null) => void;
}

const NONE = "";

export function BreakdownInput({ value, events, catalogue, onChange }: BreakdownInputProps) {
  const { t, has } = useI18n();
  const words = useAttributeWords();
  const names = events.flatMap((event) => event.name);
  const texts = fieldsOf({ name: names }, catalogue).filter((field) => field.type === "text");
  const fieldName = (field: string) => {
    const key = `field.${field}`;
    return has(key) ? t(key) : field.replace(/^properties\./, "");
  };
  const options = [
    { value: NONE, label: t("behaviour.breakdown.none") },
    ...(catalogue?.attributes ?? []).map(({ key }) => ({
      value: `person:${key}`,
      label: t("behaviour.breakdown.person", { name: words.name(key) }),
    })),
    ...texts.map(({ name }) => ({
      value: `event:${name}`,
      label: t("behaviour.breakdown.event", { name: fieldName(name) }),
    })),
  ];
  const chosen = !value ? NONE : value.kind === "person" ? `person:${value.key}` : `event:${value.field}`;
  return (
    <Labelled label={t("behaviour.breakdown")}>
      <Select
        aria-label={t("behaviour.breakdown")}
        value={chosen}
        options={options}
        onChange={(next: string) => onChange(readBreakdown(next))}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={false}
        className={styles.name}
      />
    </Labelled>
  );
}

function readBreakdown(text: string): Breakdown | null {
  if (text === NONE) return null;
  const rest = text.slice(text.indexOf(":") + 1);
  return text.startsWith("person:") ? { kind: "person", key: rest } : { kind: "event", field: rest };
}
