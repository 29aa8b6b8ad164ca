import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import type { ReactNode } from "react";
import type { Catalogue } from "../../api/types";
import { useI18n } from "../../i18n";
import { EventSelect, FieldSelect, Filters, Row } from "./FactsEditor";
import { fieldsOf } from "./fields";
import { SpanInput, WindowInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";
import { namesOf, type SequenceCondition, type SequenceStep, type Span } from "./tree";

const STEPS_MAX = 8;
const A_DAY: Span = { amount: 1, unit: "days" };

export function SequenceEditor({ leaf, catalogue, onChange }: LeafProps<SequenceCondition>) {
  const { t } = useI18n();
  const without = leaf.without ?? [];
  const setSteps = (steps: SequenceStep[]) => onChange({ ...leaf, steps });
  const setWithout = (next: SequenceStep[]) => {
    const { without: _, ...rest } = leaf;
    onChange(next.length === 0 ? rest : { ...rest, without: next });
  };
  return (
    <>
      {leaf.steps.map((step, index) => (
        <StepEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
          key={index}
          label={index === 0 ? t("sequence.first") : t("sequence.then")}
          step={step}
          catalogue={catalogue}
          hasLimit={index > 0}
          onChange={(next) => setSteps(leaf.steps.with(index, next))}
          onRemove={leaf.steps.length > 2 ? () => setSteps(withoutFirstLimit(leaf.steps, index)) : undefined}
        />
      ))}
      {without.map((step, index) => (
        <StepEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no identity but their place.
          key={index}
          label={t("sequence.without")}
          step={step}
          catalogue={catalogue}
          onChange={(next) => setWithout(without.with(index, next))}
          onRemove={() => setWithout(without.toSpliced(index, 1))}
        />
      ))}
      <div className={styles.add}>
        {leaf.steps.length < STEPS_MAX && (
          <AddButton onClick={() => setSteps([...leaf.steps, { name: "" }])}>
            {t("sequence.addStep")}
          </AddButton>
        )}
        {without.length === 0 && (
          <AddButton onClick={() => setWithout([{ name: "" }])}>{t("sequence.addWithout")}</AddButton>
        )}
      </div>
      <Limits leaf={leaf} catalogue={catalogue} onChange={onChange} />
    </>
  );
}

/** The first step has nobody before it to be within reach of. */
function withoutFirstLimit(steps: SequenceStep[], index: number): SequenceStep[] {
  const [first, ...rest] = steps.toSpliced(index, 1);
  if (!first) return rest;
  const { within: _, ...bare } = first;
  return [bare, ...rest];
}

function AddButton({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button type="text" size="small" icon={<PlusOutlined />} onClick={onClick}>
      {children}
    </Button>
  );
}

interface StepEditorProps {
  label: string;
  step: SequenceStep;
  catalogue: Catalogue | undefined;
  hasLimit?: boolean;
  onChange: (step: SequenceStep) => void;
  onRemove?: () => void;
}

function StepEditor({ label, step, catalogue, hasLimit, onChange, onRemove }: StepEditorProps) {
  const { t } = useI18n();
  return (
    <div className={styles.step}>
      <Row label={label}>
        <EventSelect leaf={step} catalogue={catalogue} onChange={(name) => onChange({ ...step, name })} />
        {hasLimit && (
          <MaybeSpan
            value={step.within}
            offer={t("sequence.addGap")}
            word={t("sequence.gap")}
            onChange={(within) => onChange(withSpan(step, within))}
          />
        )}
        {onRemove && (
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined />}
            aria-label={t("sequence.removeStep")}
            onClick={onRemove}
          />
        )}
      </Row>
      <Filters leaf={step} catalogue={catalogue} onChange={(where) => onChange({ ...step, where })} />
    </div>
  );
}

function Limits({ leaf, catalogue, onChange }: LeafProps<SequenceCondition>) {
  const { t } = useI18n();
  const names = [...leaf.steps, ...(leaf.without ?? [])].flatMap(namesOf);
  const fields = fieldsOf({ name: names }, catalogue).filter((field) => field.type === "text");
  const setSame = (same: string) => {
    const { same: _, ...rest } = leaf;
    onChange(same === "" ? rest : { ...rest, same });
  };
  return (
    <>
      <Row label={t("segment.window")}>
        <WindowInput
          value={leaf.window ?? { kind: "ever" }}
          onChange={(window) => onChange({ ...leaf, window })}
        />
        <MaybeSpan
          value={leaf.within}
          offer={t("sequence.addWithin")}
          word={t("sequence.within")}
          onChange={(within) => onChange(withSpan(leaf, within))}
        />
      </Row>
      <Row label={t("sequence.same")}>
        {leaf.same === undefined ? (
          <Select
            aria-label={t("sequence.same")}
            value=""
            options={[
              { value: "", label: t("sequence.sameNone") },
              ...fields.map((field) => ({
                value: field.name,
                label: field.name.replace(/^properties\./, ""),
              })),
            ]}
            onChange={setSame}
            popupMatchSelectWidth={false}
            className={styles.name}
          />
        ) : (
          <>
            <FieldSelect value={leaf.same} fields={fields} onChange={setSame} />
            <Button type="link" size="small" onClick={() => setSame("")}>
              {t("sequence.sameNone")}
            </Button>
          </>
        )}
      </Row>
    </>
  );
}

function withSpan<T extends { within?: Span }>(part: T, within: Span | undefined): T {
  const { within: _, ...rest } = part;
  return (within === undefined ? rest : { ...rest, within }) as T;
}

interface MaybeSpanProps {
  value: Span | undefined;
  offer: string;
  word: string;
  onChange: (span: Span | undefined) => void;
}

function MaybeSpan({ value, offer, word, onChange }: MaybeSpanProps) {
  const { t } = useI18n();
  if (value === undefined) {
    return (
      <Button type="link" size="small" onClick={() => onChange(A_DAY)}>
        {offer}
      </Button>
    );
  }
  return (
    <span className={styles.pair}>
      <span className="muted">{word}</span>
      <SpanInput
        amount={value.amount}
        unit={value.unit}
        onChange={(amount, unit) => onChange({ amount, unit })}
      />
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={t("sequence.removeLimit")}
        onClick={() => onChange(undefined)}
      />
    </span>
  );
}
