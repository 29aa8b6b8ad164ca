import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import type { ReactNode } from "react";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useEventName } from "../../ui/useEventName";
import { type Field, fieldsOf, type ValueType } from "./fields";
import { ComparisonInput, WindowInput } from "./inputs";
import styles from "./segments.module.css";
import { type Facts, type FactsCondition, type Filter, type Leaf, namesOf, type Scalar } from "./tree";
import { useCodes } from "./useCodes";

export function Row({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <span className={styles.rowLabel}>{label}</span>
      {children}
    </div>
  );
}

interface FactsEditorProps {
  leaf: FactsCondition;
  catalogue: Catalogue | undefined;
  onChange: (leaf: Leaf) => void;
  children: ReactNode;
}

/** Which facts a condition looks at; kinds with periods of their own have no window to choose. */
export function FactsEditor({ leaf, catalogue, onChange, children }: FactsEditorProps) {
  const { t } = useI18n();
  const change = (facts: Partial<Facts>) => onChange({ ...leaf, ...facts });
  return (
    <>
      <Row label={t("leaf.event")}>
        <EventSelect leaf={leaf} catalogue={catalogue} onChange={(name) => change({ name })} />
        <Select
          aria-label={t("segment.each")}
          value={leaf.each ?? "event"}
          onChange={(each) => change(each === "items" ? { each } : { each, where: withoutItems(leaf.where) })}
          options={(["event", "items"] as const).map((each) => ({ value: each, label: t(`each.${each}`) }))}
          popupMatchSelectWidth={false}
        />
      </Row>
      {!hasOwnPeriods(leaf) && (
        <Row label={t("segment.window")}>
          <WindowInput value={leaf.window ?? { kind: "ever" }} onChange={(window) => change({ window })} />
        </Row>
      )}
      {children}
      <Filters leaf={leaf} catalogue={catalogue} onChange={(where) => change({ where })} />
    </>
  );
}

function hasOwnPeriods(leaf: FactsCondition): boolean {
  return leaf.kind === "stopped" || leaf.kind === "restarted" || leaf.kind === "regular";
}

/** Fields of a line exist only where lines are looked at one by one. */
function withoutItems(where: Filter[] | undefined): Filter[] {
  return (where ?? []).filter((filter) => !filter.field.startsWith("item."));
}

interface EventSelectProps {
  leaf: Facts;
  catalogue: Catalogue | undefined;
  onChange: (name: string | string[]) => void;
}

export function EventSelect({ leaf, catalogue, onChange }: EventSelectProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  return (
    <Select
      mode="tags"
      maxCount={20}
      aria-label={t("leaf.event")}
      placeholder={t("segment.eventName")}
      value={namesOf(leaf)}
      onChange={(names: string[]) => onChange(names.length === 1 ? (names[0] ?? "") : names)}
      options={catalogue?.events.map(({ name }) => ({ value: name, label: eventName(name) }))}
      showSearch={{
        filterOption: (input, option) =>
          `${option?.label} ${option?.value}`.toLowerCase().includes(input.toLowerCase()),
      }}
      popupMatchSelectWidth={280}
      className={styles.name}
    />
  );
}

interface FieldSelectProps {
  value: string;
  fields: readonly Field[];
  extra?: readonly string[];
  onChange: (name: string) => void;
}

export function FieldSelect({ value, fields, extra = [], onChange }: FieldSelectProps) {
  const { t, has } = useI18n();
  const options = [...extra, ...fields.map((field) => field.name)].map((name) => {
    const word = `field.${name}`;
    return { value: name, label: has(word) ? t(word) : name.replace(/^properties\./, "") };
  });
  return (
    <PickOrType
      label={t("segment.field")}
      value={value}
      options={options}
      onChange={onChange}
      className={styles.name}
    />
  );
}

interface FilterValueProps {
  filter: Filter;
  type: ValueType;
  events: readonly string[];
  onChange: (filter: Filter) => void;
}

/** What a field is compared with; a code is picked by its name. */
function FilterValue({ filter, type, events, onChange }: FilterValueProps) {
  const codes = useCodes(filter.field, events);
  const nameOf = (value: Scalar) => codes?.options.find((one) => one.value === value)?.label ?? String(value);
  return (
    <ComparisonInput
      value={filter}
      type={type}
      suggestions={codes?.options.map((one) => one.value)}
      wordOf={nameOf}
      onSearch={codes?.search}
      onChange={onChange}
    />
  );
}

interface FiltersProps {
  leaf: Facts;
  catalogue: Catalogue | undefined;
  onChange: (where: Filter[]) => void;
  /** Other filters than those that choose the events, and the word before the first. */
  filters?: Filter[];
  word?: string;
}

export function Filters({ leaf, catalogue, onChange, filters, word }: FiltersProps) {
  const { t } = useI18n();
  const where = filters ?? leaf.where ?? [];
  const fields = fieldsOf(leaf, catalogue);
  const typeOf = (name: string) => fields.find((field) => field.name === name)?.type ?? "text";
  return (
    <>
      {where.map((filter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: filters have no identity but their place.
        <Row key={index} label={index === 0 ? (word ?? t("segment.where")) : t("segment.and")}>
          <FieldSelect
            value={filter.field}
            fields={fields}
            onChange={(field) => onChange(where.with(index, { ...filter, field }))}
          />
          <FilterValue
            filter={filter}
            type={typeOf(filter.field)}
            events={namesOf(leaf)}
            onChange={(next) => onChange(where.with(index, next))}
          />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined />}
            aria-label={t("segment.removeFilter")}
            onClick={() => onChange(where.toSpliced(index, 1))}
          />
        </Row>
      ))}
      <div>
        <Button
          type="text"
          size="small"
          icon={<PlusOutlined />}
          onClick={() => onChange([...where, { field: "", op: "eq", value: "" }])}
        >
          {word ? t("segment.addHaving") : t("segment.addFilter")}
        </Button>
      </div>
    </>
  );
}
