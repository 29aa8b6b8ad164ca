import { Checkbox, Input, Select } from "antd";
import type { Option, Question } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Field } from "../channels/content/Field";
import styles from "./forms.module.css";
import { OptionsEditor } from "./OptionsEditor";
import { NumberField } from "./QuestionEditor";

interface KindFieldsProps {
  question: Question;
  onChange: (question: Question) => void;
}

/** What only some kinds of questions have. */
export function KindFields({ question, onChange }: KindFieldsProps) {
  const { t } = useI18n();
  switch (question.kind) {
    case "single":
    case "multi":
    case "dropdown":
      return <Choice question={question} onChange={onChange} />;
    case "ranking":
      return (
        <>
          <OptionsEditor
            label={t("forms.options")}
            options={question.options}
            plain
            most={20}
            onChange={(options: Option[]) => onChange({ ...question, options })}
          />
          <div className={styles.grid}>
            <NumberField
              label={t("forms.places")}
              value={question.places}
              min={1}
              max={20}
              onChange={(places) => onChange({ ...question, places })}
            />
          </div>
          <Checkbox
            checked={question.shuffled ?? false}
            onChange={(event) => onChange({ ...question, shuffled: event.target.checked })}
          >
            {t("forms.shuffled")}
          </Checkbox>
        </>
      );
    case "matrix":
      return (
        <div className={styles.grid}>
          <OptionsEditor
            label={t("forms.rows")}
            options={question.rows}
            plain
            onChange={(rows: Option[]) => onChange({ ...question, rows })}
          />
          <OptionsEditor
            label={t("forms.columns")}
            options={question.columns}
            plain
            onChange={(columns: Option[]) => onChange({ ...question, columns })}
          />
        </div>
      );
    case "text":
    case "long_text":
      return (
        <>
          <div className={styles.grid}>
            <NumberField
              label={t("forms.minLength")}
              value={question.min_length || null}
              min={0}
              max={5000}
              onChange={(value) => onChange({ ...question, min_length: value ?? 0 })}
            />
            <NumberField
              label={t("forms.maxLength")}
              value={question.max_length ?? 200}
              min={1}
              max={5000}
              onChange={(value) => onChange({ ...question, max_length: value ?? 200 })}
            />
          </div>
          <Checkbox
            checked={question.personal ?? false}
            onChange={(event) => onChange({ ...question, personal: event.target.checked })}
          >
            {t("forms.personal")}
          </Checkbox>
        </>
      );
    case "number":
      return (
        <>
          <div className={styles.grid}>
            <NumberField
              label={t("forms.min")}
              value={question.min}
              onChange={(min) => onChange({ ...question, min })}
            />
            <NumberField
              label={t("forms.max")}
              value={question.max}
              onChange={(max) => onChange({ ...question, max })}
            />
            <Words
              label={t("forms.unit")}
              value={question.unit}
              onChange={(unit) => onChange({ ...question, unit })}
            />
          </div>
          <Checkbox
            checked={question.whole ?? false}
            onChange={(event) => onChange({ ...question, whole: event.target.checked })}
          >
            {t("forms.whole")}
          </Checkbox>
        </>
      );
    case "rating":
    case "nps":
      return (
        <div className={styles.grid}>
          {question.kind === "rating" && (
            <NumberField
              label={t("forms.steps")}
              value={question.steps ?? 5}
              min={3}
              max={10}
              onChange={(steps) => onChange({ ...question, steps: steps ?? 5 })}
            />
          )}
          <Words
            label={t("forms.low")}
            value={question.low}
            onChange={(low) => onChange({ ...question, low })}
          />
          <Words
            label={t("forms.high")}
            value={question.high}
            onChange={(high) => onChange({ ...question, high })}
          />
        </div>
      );
    case "date":
      return (
        <div className={styles.grid}>
          {(["min", "max"] as const).map((end) => (
            <Field key={end} label={t(`forms.${end}`)}>
              {(id) => (
                <Input
                  id={id}
                  type="date"
                  value={question[end] ?? ""}
                  onChange={(event) => onChange({ ...question, [end]: event.target.value || null })}
                />
              )}
            </Field>
          ))}
        </div>
      );
    case "region":
      return (
        <Field label={t("forms.level")}>
          {(id) => (
            <Select
              id={id}
              value={question.level ?? "district"}
              onChange={(level) => onChange({ ...question, level })}
              options={(["province", "city", "district"] as const).map((value) => ({
                value,
                label: t(`forms.level.${value}`),
              }))}
            />
          )}
        </Field>
      );
    case "file":
    case "image":
      return (
        <div className={styles.grid}>
          <NumberField
            label={t("forms.maxFiles")}
            value={question.max_files ?? 1}
            min={1}
            max={9}
            onChange={(value) => onChange({ ...question, max_files: value ?? 1 })}
          />
          <NumberField
            label={t("forms.maxMb")}
            value={question.max_mb ?? 5}
            min={1}
            max={10}
            onChange={(value) => onChange({ ...question, max_mb: value ?? 5 })}
          />
        </div>
      );
    default:
      return null;
  }
}

function Choice({
  question,
  onChange,
}: {
  question: Extract<Question, { options: unknown }>;
  onChange: (question: Question) => void;
}) {
  const { t } = useI18n();
  return (
    <>
      <OptionsEditor
        label={t("forms.options")}
        options={question.options}
        onChange={(options) => onChange({ ...question, options })}
      />
      {question.kind === "multi" && (
        <div className={styles.grid}>
          <NumberField
            label={t("forms.minPicks")}
            value={question.min_picks || null}
            min={0}
            max={100}
            onChange={(value) => onChange({ ...question, min_picks: value ?? 0 })}
          />
          <NumberField
            label={t("forms.maxPicks")}
            value={question.max_picks}
            min={1}
            max={100}
            onChange={(max_picks) => onChange({ ...question, max_picks })}
          />
        </div>
      )}
      {question.kind !== "dropdown" && (
        <Checkbox
          checked={question.shuffled ?? false}
          onChange={(event) => onChange({ ...question, shuffled: event.target.checked })}
        >
          {t("forms.shuffled")}
        </Checkbox>
      )}
    </>
  );
}

function Words({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <Input id={id} maxLength={60} value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </Field>
  );
}
