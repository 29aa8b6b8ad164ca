import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import type { ReactNode } from "react";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useEventName } from "../../ui/useEventName";
import { TagsPick } from "../tags/TagSelect";
import { asValueType, type Field, fieldsOf } from "./fields";
import { ComparisonInput, NumberTestInput, SpanInput, WindowInput } from "./inputs";
import styles from "./segments.module.css";
import {
  type AggregateCondition,
  type AttributeCondition,
  type EventCondition,
  type Facts,
  type FactsCondition,
  type Filter,
  FUNCTIONS,
  type Leaf,
  type Measured,
  namesOf,
  type RecencyCondition,
  TAG_OPERATORS,
  type TagCondition,
} from "./tree";

interface LeafProps<T extends Leaf> {
  leaf: T;
  catalogue: Catalogue | undefined;
  onChange: (leaf: Leaf) => void;
}

export function LeafEditor({ leaf, catalogue, onChange }: LeafProps<Leaf>) {
  switch (leaf.kind) {
    case "attribute":
      return <AttributeEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "tag":
      return <TagEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "event":
      return <EventEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "recency":
      return <RecencyEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "aggregate":
      return <AggregateEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
  }
}

function Row({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <span className={styles.rowLabel}>{label}</span>
      {children}
    </div>
  );
}

function AttributeEditor({ leaf, catalogue, onChange }: LeafProps<AttributeCondition>) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const known = catalogue?.attributes.find((attribute) => attribute.key === leaf.key);
  return (
    <Row label={t("leaf.attribute")}>
      <PickOrType
        label={t("segment.attributeKey")}
        value={leaf.key}
        options={catalogue?.attributes.map(({ key }) => ({ value: key, label: words.name(key) }))}
        onChange={(key) => onChange({ ...leaf, key })}
        className={styles.name}
      />
      <ComparisonInput
        value={leaf}
        type={asValueType(known?.type ?? "text")}
        suggestions={known?.examples}
        wordOf={(value) => words.value(leaf.key, value)}
        onChange={onChange}
      />
    </Row>
  );
}

function TagEditor({ leaf, onChange }: LeafProps<TagCondition>) {
  const { t } = useI18n();
  return (
    <Row label={t("leaf.tag")}>
      <Select
        aria-label={t("segment.operator")}
        value={leaf.op ?? "any"}
        onChange={(op) => onChange({ ...leaf, op })}
        options={TAG_OPERATORS.map((op) => ({ value: op, label: t(`tagOperator.${op}`) }))}
        popupMatchSelectWidth={false}
      />
      <TagsPick value={leaf.tags} onChange={(tags) => onChange({ ...leaf, tags })} className={styles.name} />
    </Row>
  );
}

function EventEditor({ leaf, catalogue, onChange }: LeafProps<EventCondition>) {
  const { t } = useI18n();
  return (
    <FactsEditor leaf={leaf} catalogue={catalogue} onChange={onChange}>
      <Row label={t("segment.count")}>
        <NumberTestInput
          whole
          min={0}
          value={leaf.count ?? { op: "gte", value: 1 }}
          onChange={(count) => onChange({ ...leaf, count })}
        />
        <span className="muted">{t("segment.count.hint")}</span>
      </Row>
    </FactsEditor>
  );
}

function RecencyEditor({ leaf, catalogue, onChange }: LeafProps<RecencyCondition>) {
  const { t } = useI18n();
  const { when } = leaf;
  return (
    <FactsEditor leaf={leaf} catalogue={catalogue} onChange={onChange}>
      <Row label={t("segment.when")}>
        <Select
          aria-label={t("segment.which")}
          value={leaf.which ?? "last"}
          onChange={(which) => onChange({ ...leaf, which })}
          options={(["last", "first"] as const).map((which) => ({
            value: which,
            label: t(`which.${which}`),
          }))}
          popupMatchSelectWidth={false}
        />
        {when.kind === "ago" ? (
          <>
            <Select
              aria-label={t("segment.operator")}
              value={when.op}
              onChange={(op) => onChange({ ...leaf, when: { ...when, op } })}
              options={(["at_least", "at_most"] as const).map((op) => ({ value: op, label: t(`ago.${op}`) }))}
              popupMatchSelectWidth={false}
            />
            <SpanInput
              amount={when.amount}
              unit={when.unit}
              onChange={(amount, unit) => onChange({ ...leaf, when: { ...when, amount, unit } })}
            />
            <span className="muted">{t("segment.ago")}</span>
          </>
        ) : (
          <code className="mono">
            {t(`at.${when.op}`)} {when.instant}
          </code>
        )}
      </Row>
    </FactsEditor>
  );
}

const LINE_AMOUNT: Measured = { kind: "product", of: ["item.price", "item.quantity"] };
const LINE_AMOUNT_KEY = "item.price × item.quantity";

function AggregateEditor({ leaf, catalogue, onChange }: LeafProps<AggregateCondition>) {
  const { t } = useI18n();
  const fields = fieldsOf(leaf, catalogue);
  const measured = leaf.of.kind === "field" ? leaf.of.field : leaf.of.of.join(" × ");
  const choose = (field: string) =>
    onChange({ ...leaf, of: field === LINE_AMOUNT_KEY ? LINE_AMOUNT : { kind: "field", field } });
  return (
    <FactsEditor leaf={leaf} catalogue={catalogue} onChange={onChange}>
      <Row label={t("leaf.aggregate")}>
        <FieldSelect
          value={measured}
          fields={fields}
          extra={leaf.each === "items" ? [LINE_AMOUNT_KEY] : []}
          onChange={choose}
        />
        <Select
          aria-label={t("segment.function")}
          value={leaf.function}
          onChange={(name) => onChange({ ...leaf, function: name })}
          options={FUNCTIONS.map((name) => ({ value: name, label: t(`function.${name}`) }))}
          popupMatchSelectWidth={false}
        />
        <NumberTestInput value={leaf.test} onChange={(test) => onChange({ ...leaf, test })} />
      </Row>
    </FactsEditor>
  );
}

function FactsEditor({
  leaf,
  catalogue,
  onChange,
  children,
}: LeafProps<FactsCondition> & { children: ReactNode }) {
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
      <Row label={t("segment.window")}>
        <WindowInput value={leaf.window ?? { kind: "ever" }} onChange={(window) => change({ window })} />
      </Row>
      {children}
      <Filters leaf={leaf} catalogue={catalogue} onChange={(where) => change({ where })} />
    </>
  );
}

/** Fields of a line exist only where lines are looked at one by one. */
function withoutItems(where: Filter[] | undefined): Filter[] {
  return (where ?? []).filter((filter) => !filter.field.startsWith("item."));
}

interface EventSelectProps {
  leaf: FactsCondition;
  catalogue: Catalogue | undefined;
  onChange: (name: string | string[]) => void;
}

function EventSelect({ leaf, catalogue, onChange }: EventSelectProps) {
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

function FieldSelect({ value, fields, extra = [], onChange }: FieldSelectProps) {
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

interface FiltersProps {
  leaf: FactsCondition;
  catalogue: Catalogue | undefined;
  onChange: (where: Filter[]) => void;
}

export function Filters({ leaf, catalogue, onChange }: FiltersProps) {
  const { t } = useI18n();
  const where = leaf.where ?? [];
  const fields = fieldsOf(leaf, catalogue);
  const typeOf = (name: string) => fields.find((field) => field.name === name)?.type ?? "text";
  return (
    <>
      {where.map((filter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: filters have no identity but their place.
        <Row key={index} label={t(index === 0 ? "segment.where" : "segment.and")}>
          <FieldSelect
            value={filter.field}
            fields={fields}
            onChange={(field) => onChange(where.with(index, { ...filter, field }))}
          />
          <ComparisonInput
            value={filter}
            type={typeOf(filter.field)}
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
          {t("segment.addFilter")}
        </Button>
      </div>
    </>
  );
}
