import { DeleteOutlined } from "@ant-design/icons";
import { Button, InputNumber, Segmented, Select } from "antd";
import type { Condition, FormDefinition, Jump, Question } from "../../api/forms";
import { useI18n } from "../../i18n";
import { questionsOf } from "./draft";
import styles from "./forms.module.css";

interface JumpsEditorProps {
  question: Question;
  definition: FormDefinition;
  onChange: (question: Question) => void;
}

const COMPARED = ["number", "rating", "nps"];
const OPS = ["lt", "le", "eq", "ne", "ge", "gt"] as const;

/** Where to go on after a question; the first jump that fits counts. */
export function JumpsEditor({ question, definition, onChange }: JumpsEditorProps) {
  const { t } = useI18n();
  const jumps = question.jumps ?? [];
  const set = (changed: Jump[]) => onChange({ ...question, jumps: changed } as Question);
  const add = () => set([...jumps, { match: "all", when: [firstCondition(question)], to: "end" }]);
  return (
    <fieldset className={styles.plain}>
      <legend>{t("forms.jumps")}</legend>
      <div className={styles.options}>
        {jumps.map((jump, at) => (
          <JumpFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a jump has no name of its own.
            key={at}
            jump={jump}
            question={question}
            definition={definition}
            onChange={(changed) => set(jumps.map((one, index) => (index === at ? changed : one)))}
            onRemove={() => set(jumps.filter((_, index) => index !== at))}
          />
        ))}
        <div>
          <Button size="small" onClick={add} disabled={jumps.length >= 20}>
            {t("forms.jump.add")}
          </Button>
        </div>
      </div>
    </fieldset>
  );
}

/** What suits a question best to begin with. */
function firstCondition(question: Question): Condition {
  if ("options" in question) {
    const first = question.options[0];
    if (first && question.kind === "ranking") {
      return { kind: "ranked", question: question.key, options: [first.key], within: 1 };
    }
    if (first) return { kind: "chosen", question: question.key, match: "any", options: [first.key] };
  }
  if (COMPARED.includes(question.kind)) {
    return { kind: "compared", question: question.key, op: "le", value: question.kind === "nps" ? 6 : 2 };
  }
  return { kind: "answered", question: question.key, is_answered: true };
}

interface JumpFieldsProps {
  jump: Jump;
  question: Question;
  definition: FormDefinition;
  onChange: (jump: Jump) => void;
  onRemove: () => void;
}

function JumpFields({ jump, question, definition, onChange, onRemove }: JumpFieldsProps) {
  const { t } = useI18n();
  const when = jump.when ?? [];
  const all = questionsOf(definition);
  const place = all.findIndex((one) => one.key === question.key);
  const earlier = all.slice(0, place + 1);
  const pageOf = definition.pages.findIndex((page) =>
    (page.questions ?? []).some((one) => one.key === question.key),
  );
  const targets = [
    ...all
      .slice(place + 1)
      .map((one) => ({ value: `q:${one.key}`, label: one.title || t("forms.question.untitled") })),
    ...definition.pages.slice(pageOf + 1).map((page, index) => ({
      value: `p:${page.key}`,
      label: page.title || t("forms.page", { n: pageOf + index + 2 }),
    })),
    { value: "end", label: t("forms.jump.end") },
  ];
  return (
    <div className={styles.jump} data-testid="form-jump">
      <div className={styles.row}>
        <strong>{when.length > 0 ? t("forms.jump.if") : t("forms.jump.always")}</strong>
        {when.length > 1 && (
          <Segmented
            size="small"
            value={jump.match ?? "all"}
            onChange={(match) => onChange({ ...jump, match: match as "all" | "any" })}
            options={[
              { value: "all", label: t("forms.jump.all") },
              { value: "any", label: t("forms.jump.any") },
            ]}
          />
        )}
        <Button
          type="text"
          size="small"
          className={styles.end}
          icon={<DeleteOutlined />}
          aria-label={t("forms.jump.remove")}
          onClick={onRemove}
        />
      </div>
      {when.map((condition, at) => (
        <ConditionFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no name of its own.
          key={at}
          condition={condition}
          questions={earlier}
          onChange={(changed) =>
            onChange({ ...jump, when: when.map((one, index) => (index === at ? changed : one)) })
          }
          onRemove={() => onChange({ ...jump, when: when.filter((_, index) => index !== at) })}
        />
      ))}
      <div className={styles.row}>
        <Button
          size="small"
          type="link"
          disabled={when.length >= 10}
          onClick={() => onChange({ ...jump, when: [...when, firstCondition(question)] })}
        >
          {t("forms.condition.add")}
        </Button>
        <span>{t("forms.jump.to")}</span>
        <Select
          aria-label={t("forms.jump.to")}
          className={styles.wide}
          value={jump.to}
          onChange={(to) => onChange({ ...jump, to })}
          options={targets}
          popupMatchSelectWidth={240}
        />
      </div>
    </div>
  );
}

interface ConditionFieldsProps {
  condition: Condition;
  questions: readonly Question[];
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

/** How a condition reads in one word, for choosing it. */
function wordOf(condition: Condition): string {
  if (condition.kind === "chosen") return condition.match === "all" ? "allOf" : (condition.match ?? "any");
  if (condition.kind === "compared") return condition.op;
  if (condition.kind === "ranked") return "ranked";
  return condition.is_answered === false ? "unanswered" : "answered";
}

function ConditionFields({ condition, questions, onChange, onRemove }: ConditionFieldsProps) {
  const { t } = useI18n();
  const asked = questions.find((one) => one.key === condition.question);
  const words = [
    ...(asked?.kind === "ranking"
      ? (["ranked"] as const)
      : asked && "options" in asked
        ? (["any", "allOf", "none"] as const)
        : []),
    ...(asked && COMPARED.includes(asked.kind) ? OPS : []),
    "answered" as const,
    "unanswered" as const,
  ];
  const choose = (word: string) => {
    const { question } = condition;
    if (word === "answered" || word === "unanswered") {
      onChange({ kind: "answered", question, is_answered: word === "answered" });
    } else if (word === "ranked") {
      onChange({ kind: "ranked", question, options: [], within: 1 });
    } else if (word === "any" || word === "allOf" || word === "none") {
      const options = condition.kind === "chosen" ? condition.options : [];
      onChange({ kind: "chosen", question, match: word === "allOf" ? "all" : word, options });
    } else {
      const value = condition.kind === "compared" ? condition.value : 0;
      onChange({ kind: "compared", question, op: word as (typeof OPS)[number], value });
    }
  };
  return (
    <div className={styles.condition}>
      <Select
        aria-label={t("forms.condition.question")}
        value={condition.question}
        onChange={(key) => {
          const other = questions.find((one) => one.key === key);
          if (other) onChange(firstCondition(other));
        }}
        options={questions.map((one) => ({
          value: one.key,
          label: one.title || t("forms.question.untitled"),
        }))}
        popupMatchSelectWidth={240}
      />
      <Select
        aria-label={t("forms.condition.kind")}
        value={wordOf(condition)}
        onChange={choose}
        options={words.map((value) => ({ value, label: t(`forms.condition.${value}`) }))}
        popupMatchSelectWidth={140}
      />
      {condition.kind === "ranked" && (
        <InputNumber
          aria-label={t("forms.condition.within")}
          title={t("forms.condition.within")}
          min={1}
          max={20}
          precision={0}
          value={condition.within ?? 1}
          onChange={(within) => onChange({ ...condition, within: within ?? 1 })}
        />
      )}
      {(condition.kind === "chosen" || condition.kind === "ranked") && (
        <Select
          mode="multiple"
          aria-label={t("forms.options")}
          value={condition.options}
          onChange={(options: string[]) => onChange({ ...condition, options })}
          options={
            asked && "options" in asked
              ? asked.options.map((one) => ({ value: one.key, label: one.label }))
              : []
          }
          popupMatchSelectWidth={200}
        />
      )}
      {condition.kind === "compared" && (
        <InputNumber
          aria-label={t("forms.condition.value")}
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value: value ?? 0 })}
        />
      )}
      <Button
        type="text"
        size="small"
        icon={<DeleteOutlined />}
        aria-label={t("forms.condition.remove")}
        onClick={onRemove}
      />
    </div>
  );
}
