import { Input } from "antd";
import { draftJourney } from "../../api/drafts";
import { useI18n } from "../../i18n";
import { DescribeBox } from "../drafting/DescribeBox";
import { type Definition, inOrder, readDefinition, withNode } from "./definition";
import { EntryForm } from "./EntryForm";
import { ExitsForm } from "./ExitsForm";
import { Field } from "./fields";
import styles from "./journeys.module.css";
import { StepForm } from "./StepForm";

export interface FormsProps {
  definition: Definition;
  name: string;
  onName: (name: string) => void;
  /** `mark`: what is being typed into, so that a word is taken back as one. */
  onChange: (definition: Definition, mark?: string) => void;
}

/** Everything of a journey, one form below the other in the order people meet them. */
export function StepForms({ definition, name, onName, onChange, isNew }: FormsProps & { isNew: boolean }) {
  const { t } = useI18n();
  return (
    <>
      <section className={styles.form}>
        <Field label={t("journeys.name")}>
          <Input
            value={name}
            maxLength={80}
            aria-label={t("journeys.name")}
            onChange={(event) => onName(event.target.value)}
          />
        </Field>
      </section>
      {isNew && (
        <DescribeBox
          placeholder={t("drafting.journeyExample")}
          draft={draftJourney}
          onDraft={(drafted) => {
            onName(drafted.name);
            onChange(readDefinition(drafted.definition));
          }}
        />
      )}
      <EntryForm entry={definition.entry} onChange={(entry) => onChange({ ...definition, entry }, "entry")} />
      <ExitsForm definition={definition} onChange={(next) => onChange(next, "exits")} />
      {inOrder(definition).map(([id, node]) => (
        <StepForm
          key={id}
          id={id}
          node={node}
          definition={definition}
          onChange={(next) => onChange(withNode(definition, id, next), id)}
          onReshape={onChange}
        />
      ))}
    </>
  );
}
