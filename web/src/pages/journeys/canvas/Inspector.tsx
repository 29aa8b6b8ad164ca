import { Button } from "antd";
import { useI18n } from "../../../i18n";
import { ENTRY, withNode } from "../definition";
import { EntryForm } from "../EntryForm";
import { ExitsForm } from "../ExitsForm";
import { StepForm } from "../StepForm";
import type { FormsProps } from "../StepForms";
import styles from "./canvas.module.css";
import { Notes } from "./Notes";

interface InspectorProps extends FormsProps {
  chosen: string;
  onClose: () => void;
}

/** The form of what is chosen on the canvas, and what was written beside it. */
export function Inspector({ definition, chosen, onChange, onClose }: InspectorProps) {
  const { t } = useI18n();
  const node = definition.nodes[chosen];
  return (
    <div data-testid="inspector">
      <Button type="link" size="small" className={styles.back} onClick={onClose}>
        ← {t("canvas.all")}
      </Button>
      {chosen === ENTRY && (
        <div className={styles.forms}>
          <EntryForm
            entry={definition.entry}
            onChange={(entry) => onChange({ ...definition, entry }, "entry")}
          />
          <ExitsForm definition={definition} onChange={(next) => onChange(next, "exits")} />
        </div>
      )}
      {node && (
        <>
          <div className={styles.forms}>
            <StepForm
              key={chosen}
              id={chosen}
              node={node}
              definition={definition}
              onChange={(next) => onChange(withNode(definition, chosen, next), chosen)}
              onReshape={onChange}
            />
          </div>
          <Notes
            key={`notes ${chosen}`}
            definition={definition}
            node={chosen}
            onChange={(next) => onChange(next)}
          />
        </>
      )}
    </div>
  );
}
