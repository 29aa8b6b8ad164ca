import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useMemo, useState } from "react";
import { officialAccountsQuery } from "../../api/channels";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { useNarrow } from "../../ui/useNarrow";
import { Canvas } from "./canvas/Canvas";
import { Inspector } from "./canvas/Inspector";
import { ProblemList } from "./canvas/ProblemList";
import { useHistory } from "./canvas/useHistory";
import { byNode, useProblems } from "./canvas/useProblems";
import { type Definition, writeDefinition } from "./definition";
import { JourneyFlow } from "./JourneyFlow";
import styles from "./journeys.module.css";
import { StepForms } from "./StepForms";
import { useKept } from "./useKept";
import { useSave } from "./useSave";

interface JourneyEditorProps {
  id: string | null;
  initialName: string;
  initial: Definition;
  /** When the draft was last changed: what somebody else did since is not replaced unasked. */
  seen?: string;
}

/** Forms on the left, of the chosen step or of all; the canvas on the right, where there is room for one. */
export function JourneyEditor({ id, initialName, initial, seen }: JourneyEditorProps) {
  const { t } = useI18n();
  const isNarrow = useNarrow();
  // What editing began from: the page around it may ask for the journey again.
  const [base] = useState({ name: initialName, definition: initial, seen });
  const [name, setName] = useState(base.name);
  const history = useHistory(base.definition);
  const { present: definition, put } = history;
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOTHING);
  const [chosen = null] = selected.size === 1 ? selected : [];
  const accounts = useQuery(officialAccountsQuery);
  const { problems, isCurrent } = useProblems(definition);
  const marks = useMemo(() => byNode(problems), [problems]);
  const isDirty = name !== base.name || definition !== base.definition;
  const { offered, forget } = useKept(id, { name, definition }, isDirty);
  const save = useSave(id, { seen: base.seen, onSaved: forget });
  const forms = { definition, name, onName: setName, onChange: put };
  return (
    <Page
      title={id ? t("journey.edit") : t("journeys.create")}
      back={
        id ? { to: `/journeys/${id}`, label: initialName } : { to: "/journeys", label: t("nav.journeys") }
      }
      lead={t("journey.edit.lead")}
      actions={
        <>
          <span role="status" className={isDirty ? styles.unsaved : "muted"}>
            {t(isDirty ? "journey.dirty" : id ? "journey.clean" : "journey.neverSaved")}
          </span>
          <Button
            type="primary"
            disabled={name.trim() === ""}
            loading={save.isPending}
            onClick={() => save.mutate({ name, definition })}
          >
            {t("journey.saveDraft")}
          </Button>
        </>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      {offered && (
        <Offer
          onDrop={forget}
          onTake={() => {
            setName(offered.name);
            put(offered.definition);
          }}
        />
      )}
      <div className={styles.editor}>
        <div className={styles.steps} data-testid="journey-form">
          {chosen === null || isNarrow ? (
            <StepForms {...forms} isNew={id === null} />
          ) : (
            <Inspector {...forms} chosen={chosen} onClose={() => setSelected(NOTHING)} />
          )}
        </div>
        <Panel title={t("journey.graph")} flush className={styles.preview}>
          {isNarrow ? (
            <JourneyFlow definition={writeDefinition(definition)} nodes={NO_COUNTS} />
          ) : (
            <Canvas
              history={history}
              accountId={accounts.data?.items[0]?.id ?? ""}
              problems={marks}
              selected={selected}
              onSelect={setSelected}
            />
          )}
          <ProblemList
            problems={problems}
            isCurrent={isCurrent}
            onChoose={(id) => setSelected(new Set([id]))}
          />
        </Panel>
      </div>
    </Page>
  );
}

const NOTHING: ReadonlySet<string> = new Set();
const NO_COUNTS: readonly never[] = [];

/** Work of before that was not saved. */
function Offer({ onTake, onDrop }: { onTake: () => void; onDrop: () => void }) {
  const { t } = useI18n();
  return (
    <Alert
      type="info"
      title={t("journey.kept")}
      action={
        <span className={styles.pair}>
          <Button size="small" type="primary" onClick={onTake}>
            {t("journey.kept.take")}
          </Button>
          <Button size="small" onClick={onDrop}>
            {t("journey.kept.drop")}
          </Button>
        </span>
      }
    />
  );
}
