import type { JourneyNode } from "../../api/types";
import { useI18n } from "../../i18n";
import { Counts } from "./Counts";
import { edgesOf, inOrder, readDefinition } from "./definition";
import type { GraphProps } from "./JourneyGraph";
import styles from "./journeys.module.css";
import { NodeIcon } from "./NodeIcon";
import { useNodeKind } from "./useNodeKind";
import { useNodeWords } from "./words";

/** Steps in the order people meet them, each with where it leads if that is not simply the next one. */
export function StepList({ definition: raw, nodes, onChoose }: GraphProps) {
  const words = useNodeWords();
  const definition = readDefinition(raw);
  const steps = inOrder(definition);
  const edges = edgesOf(definition.nodes);
  const counts = new Map(nodes.map((node) => [node.id, node]));
  const place = new Map(steps.map(([id], index) => [id, index + 1]));
  return (
    <ol className={styles.list} data-testid="step-list">
      <li>
        <div className={`${styles.row} ${styles.entry}`}>
          <StepText kind="entry" label={words.entry(definition.entry)} counts={null} />
        </div>
      </li>
      {steps.map(([id, node], index) => {
        const exits = edges.filter(({ from }) => from === id);
        const goesOn = exits.length === 1 && place.get(exits[0]?.to ?? "") === index + 2;
        const step = (
          <>
            <StepText
              kind={node.kind}
              place={index + 1}
              label={words.node(node)}
              counts={counts.get(id) ?? null}
            />
            {!goesOn && <Exits exits={exits.map(({ way, to }) => ({ way, place: place.get(to) ?? 0 }))} />}
          </>
        );
        return (
          <li key={id}>
            {onChoose ? (
              <button type="button" className={styles.row} onClick={() => onChoose(id)}>
                {step}
              </button>
            ) : (
              <div className={styles.row}>{step}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface StepTextProps {
  kind: string;
  place?: number;
  label: string;
  counts: JourneyNode | null;
}

function StepText({ kind, place, label, counts }: StepTextProps) {
  const nodeKind = useNodeKind();
  return (
    <>
      <span className={`${styles.stepKind} num`}>
        <NodeIcon kind={kind} /> {place && `${place} · `}
        {nodeKind(kind)}
      </span>
      <strong>{label}</strong>
      {counts && <Counts counts={counts} />}
    </>
  );
}

function Exits({ exits }: { exits: readonly { way: string; place: number }[] }) {
  const { t, has } = useI18n();
  if (exits.length === 0) return null;
  return (
    <span className={`${styles.exits} num`}>
      {exits.map(({ way, place }) => {
        const key = `way.${way}`;
        return (
          <span key={way}>
            {has(key) && `${t(key)} `}→ {place}
          </span>
        );
      })}
    </span>
  );
}
