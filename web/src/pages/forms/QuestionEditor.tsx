import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useId } from "react";
import type { FormDefinition, FormIssue, Question } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";
import { Field } from "../channels/content/Field";
import { asKind, KINDS, kindWord } from "./draft";
import styles from "./forms.module.css";
import { JumpsEditor } from "./JumpsEditor";
import { KindFields } from "./KindFields";

interface QuestionEditorProps {
  question: Question;
  definition: FormDefinition;
  isOpen: boolean;
  issues: readonly FormIssue[];
  onOpen: () => void;
  onChange: (question: Question) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One question: a line in the list, and all of it once it is opened. */
export function QuestionEditor(props: QuestionEditorProps) {
  const { question, definition, isOpen, issues, onOpen, onChange, onMove, onRemove } = props;
  const { t, locale } = useI18n();
  const body = useId();
  return (
    <article className={styles.question} data-testid="form-question" data-wrong={issues.length > 0}>
      <header>
        <button
          type="button"
          className={styles.questionName}
          aria-expanded={isOpen}
          aria-controls={body}
          onClick={onOpen}
        >
          {question.title || t("forms.question.untitled")}
          {question.required && <span className={styles.star}> *</span>}
        </button>
        <Tag>{t(kindWord(question.kind))}</Tag>
        <span className={styles.acts}>
          <Button
            type="text"
            size="small"
            icon={<ArrowUpOutlined />}
            aria-label={t("forms.question.up")}
            onClick={() => onMove(-1)}
          />
          <Button
            type="text"
            size="small"
            icon={<ArrowDownOutlined />}
            aria-label={t("forms.question.down")}
            onClick={() => onMove(1)}
          />
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t("forms.question.remove")}
            onClick={onRemove}
          />
        </span>
      </header>
      {issues.map((issue) => (
        <p key={`${issue.place} ${issue.code}`} role="alert" className={styles.problem}>
          {locale === "zh" ? issue.text_zh : issue.text}
        </p>
      ))}
      {isOpen && (
        <div id={body} className={styles.stack}>
          <Basics question={question} onChange={onChange} />
          <KindFields question={question} onChange={onChange} />
          <JumpsEditor question={question} definition={definition} onChange={onChange} />
        </div>
      )}
    </article>
  );
}

function Basics({ question, onChange }: { question: Question; onChange: (question: Question) => void }) {
  const { t } = useI18n();
  const set = (part: Partial<Question>) => onChange({ ...question, ...part } as Question);
  return (
    <>
      <Field label={t("forms.question.title")}>
        {(id) => (
          <Input
            id={id}
            maxLength={200}
            value={question.title}
            onChange={(event) => set({ title: event.target.value })}
          />
        )}
      </Field>
      <div className={styles.grid}>
        <Field label={t("forms.kind")}>
          {(id) => (
            <Select
              id={id}
              value={question.kind}
              onChange={(kind) => onChange(asKind(question, kind, (n) => t("forms.option.label", { n })))}
              options={KINDS.map((kind) => ({ value: kind, label: t(kindWord(kind)) }))}
            />
          )}
        </Field>
        <Field label={t("forms.question.hint")}>
          {(id) => (
            <Input
              id={id}
              maxLength={300}
              value={question.hint}
              onChange={(event) => set({ hint: event.target.value })}
            />
          )}
        </Field>
        <Field
          label={t("forms.attribute")}
          hint={
            <>
              {t("forms.attribute.hint")} · {t("forms.question.key.hint", { key: question.key })}
            </>
          }
        >
          {(id) => (
            <Input
              id={id}
              maxLength={60}
              value={question.attribute}
              onChange={(event) =>
                set({ attribute: event.target.value.replace(/[^\w.\u4e00-\u9fff-]/g, "") })
              }
            />
          )}
        </Field>
      </div>
      <Checkbox
        checked={question.required ?? false}
        onChange={(event) => set({ required: event.target.checked })}
      >
        {t("forms.question.required")}
      </Checkbox>
    </>
  );
}

interface NumberFieldProps {
  label: string;
  value: number | null | undefined;
  min?: number;
  max?: number;
  onChange: (value: number | null) => void;
}

/** A number that may be left out. */
export function NumberField({ label, value, min, max, onChange }: NumberFieldProps) {
  return (
    <Field label={label}>
      {(id) => (
        <InputNumber
          id={id}
          value={value ?? null}
          min={min}
          max={max}
          onChange={onChange}
          style={{ width: "100%" }}
        />
      )}
    </Field>
  );
}
