import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { draftJourney } from "../../api/drafts";
import { saveJourney } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { DescribeBox } from "../drafting/DescribeBox";
import { type Definition, inOrder, isReady, readDefinition, withNode, writeDefinition } from "./definition";
import { EntryForm } from "./EntryForm";
import { ExitsForm } from "./ExitsForm";
import { Field } from "./fields";
import { JourneyFlow } from "./JourneyFlow";
import styles from "./journeys.module.css";
import { StepForm } from "./StepForm";

interface JourneyEditorProps {
  id: string | null;
  initialName: string;
  initial: Definition;
}

export function JourneyEditor({ id, initialName, initial }: JourneyEditorProps) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(initialName);
  const [definition, setDefinition] = useState(initial);
  const save = useMutation({
    mutationFn: () => saveJourney(id, { name: name.trim(), definition: writeDefinition(definition) }),
    onSuccess: (journey) => {
      queries.invalidateQueries({ queryKey: ["journeys"] });
      queries.invalidateQueries({ queryKey: ["journey", journey.id] });
      navigate(`/journeys/${journey.id}`);
    },
  });
  const ready = name.trim() !== "" && isReady(definition);
  return (
    <Page
      title={id ? t("journey.edit") : t("journeys.create")}
      back={
        id ? { to: `/journeys/${id}`, label: initialName } : { to: "/journeys", label: t("nav.journeys") }
      }
      lead={t("journey.edit.lead")}
      actions={
        <Button type="primary" disabled={!ready} loading={save.isPending} onClick={() => save.mutate()}>
          {t("journey.saveDraft")}
        </Button>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      <div className={styles.editor}>
        <div className={styles.steps} data-testid="journey-form">
          <section className={styles.form}>
            <Field label={t("journeys.name")}>
              <Input
                value={name}
                maxLength={80}
                aria-label={t("journeys.name")}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
          </section>
          {id === null && (
            <DescribeBox
              placeholder={t("drafting.journeyExample")}
              draft={draftJourney}
              onDraft={(drafted) => {
                setName(drafted.name);
                setDefinition(readDefinition(drafted.definition));
              }}
            />
          )}
          <EntryForm entry={definition.entry} onChange={(entry) => setDefinition({ ...definition, entry })} />
          <ExitsForm definition={definition} onChange={setDefinition} />
          {inOrder(definition).map(([nodeId, node]) => (
            <StepForm
              key={nodeId}
              id={nodeId}
              node={node}
              definition={definition}
              onChange={(next) => setDefinition(withNode(definition, nodeId, next))}
              onReshape={setDefinition}
            />
          ))}
        </div>
        <Panel title={t("journey.graph")} flush className={styles.preview}>
          <JourneyFlow definition={writeDefinition(definition)} nodes={NO_COUNTS} />
        </Panel>
      </div>
    </Page>
  );
}

const NO_COUNTS: readonly never[] = [];
