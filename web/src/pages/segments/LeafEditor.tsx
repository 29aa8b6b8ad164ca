import { Button, Select } from "antd";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { TagsPick } from "../tags/TagSelect";
import { MoveEditor, RelationEditor, SegmentLeafEditor } from "./BelongingEditors";
import { CompanyContactEditor } from "./CompanyEditor";
import { ConsentEditor } from "./ConsentEditor";
import { DateEditor } from "./DateEditor";
import { FactsEditor, FieldSelect, Filters, Row } from "./FactsEditor";
import { asValueType, fieldsOf } from "./fields";
import { BucketEditor, HabitEditor, RegularEditor } from "./HabitEditors";
import { ComparisonInput, NumberTestInput, SpanInput } from "./inputs";
import { SequenceEditor } from "./SequenceEditor";
import styles from "./segments.module.css";
import {
  type AggregateCondition,
  type AttributeCondition,
  type EventCondition,
  type Filter,
  FUNCTIONS,
  type Leaf,
  type Measured,
  type RecencyCondition,
  TAG_OPERATORS,
  type TagCondition,
  type When,
} from "./tree";

export interface LeafProps<T extends Leaf> {
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
    case "stopped":
    case "restarted":
      return <HabitEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "regular":
      return <RegularEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "sequence":
      return <SequenceEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "bucket":
      return <BucketEditor leaf={leaf} onChange={onChange} />;
    case "date":
      return <DateEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "segment":
      return <SegmentLeafEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "segment_move":
      return <MoveEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "relation":
      return <RelationEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "company_contact":
      return <CompanyContactEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
    case "consent":
      return <ConsentEditor leaf={leaf} catalogue={catalogue} onChange={onChange} />;
  }
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
        options={catalogue?.attributes.map(({ key, name }) => ({
          value: key,
          label: name ?? words.name(key),
        }))}
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
  const having = leaf.having ?? [];
  const setHaving = (next: Filter[]) => {
    const { having: _, ...rest } = leaf;
    onChange(next.length === 0 ? { ...rest, when: rest.when ?? LONG_AGO } : { ...rest, having: next });
  };
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
        {when === undefined && (
          <Button type="link" size="small" onClick={() => onChange({ ...leaf, when: LONG_AGO })}>
            {t("segment.addWhen")}
          </Button>
        )}
        {when?.kind === "ago" && (
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
        )}
        {when?.kind === "at" && (
          <code className="mono">
            {t(`at.${when.op}`)} {when.instant}
          </code>
        )}
        {when !== undefined && having.length > 0 && (
          <Button type="link" size="small" onClick={() => onChange(withoutWhen(leaf))}>
            {t("segment.anyTime")}
          </Button>
        )}
      </Row>
      {leaf.each !== "items" && (
        <Filters
          leaf={leaf}
          catalogue={catalogue}
          filters={having}
          word={t(`having.${leaf.which ?? "last"}`)}
          onChange={setHaving}
        />
      )}
    </FactsEditor>
  );
}

const LONG_AGO: When = { kind: "ago", op: "at_most", amount: 30, unit: "days" };

function withoutWhen({ when: _, ...rest }: RecencyCondition): RecencyCondition {
  return rest;
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
