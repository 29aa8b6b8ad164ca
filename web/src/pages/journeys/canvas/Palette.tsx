import { Button } from "antd";
import { useI18n } from "../../../i18n";
import type { StepNode } from "../definition";
import { INSERT_KINDS } from "../kinds/shapes";
import { NodeIcon } from "../NodeIcon";
import styles from "./canvas.module.css";

/** What a dragged kind of step is kept under while it is on its way. */
export const DRAGGED = "application/x-quanyu-step";
const KINDS: readonly StepNode["kind"][] = [...INSERT_KINDS, "end"];

/** Every kind of step: dragged to where it belongs, or pressed to stand below the chosen one. */
export function Palette({ onAdd }: { onAdd: (kind: StepNode["kind"]) => void }) {
  const { t } = useI18n();
  return (
    <div className={styles.palette} role="toolbar" aria-label={t("canvas.palette")}>
      {KINDS.map((kind) => (
        <Button
          key={kind}
          size="small"
          draggable
          icon={<NodeIcon kind={kind} />}
          title={t("canvas.palette.hint")}
          onClick={() => onAdd(kind)}
          onDragStart={(event) => {
            event.dataTransfer.setData(DRAGGED, kind);
            event.dataTransfer.effectAllowed = "move";
          }}
        >
          {t(`nodeKind.${kind}`)}
        </Button>
      ))}
    </div>
  );
}
