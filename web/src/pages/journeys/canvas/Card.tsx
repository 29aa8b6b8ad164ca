import { CommentOutlined, WarningOutlined } from "@ant-design/icons";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { useI18n } from "../../../i18n";
import { type Definition, ENTRY, exitsOf, type StepNode, type Way } from "../definition";
import type { Point } from "../layout";
import { NodeIcon } from "../NodeIcon";
import { useNodeKind } from "../useNodeKind";
import type { NodeWords } from "../words";
import styles from "./canvas.module.css";
import { CARD, placesOf } from "./places";

type CardData = { kind: string; label: string; ways: Way[]; problems: readonly string[]; notes: number };
export type CardNode = Node<CardData, "card">;

interface CardsOptions {
  /** What was drawn before: its measures are kept. */
  old: readonly CardNode[];
  words: NodeWords;
  problems: ReadonlyMap<string, readonly string[]>;
}

export function cardsOf(definition: Definition, { old, words, problems }: CardsOptions): CardNode[] {
  const before = new Map(old.map((node) => [node.id, node]));
  const places = placesOf(definition);
  const dataOf = (id: string): CardData => {
    const node = definition.nodes[id];
    return {
      kind: node?.kind ?? "entry",
      label: node ? words.node(node) : words.entry(definition.entry),
      ways: node ? waysOf(id, node, places) : ["next"],
      problems: problems.get(id) ?? [],
      notes: (definition.notes ?? []).filter((note) => note.node === id).length,
    };
  };
  return [ENTRY, ...Object.keys(definition.nodes)].map((id) => {
    const data = dataOf(id);
    return {
      ...before.get(id),
      id,
      type: "card",
      position: places.get(id) ?? { x: 0, y: 0 },
      width: CARD.width,
      height: CARD.height,
      deletable: id !== ENTRY,
      ariaLabel: data.label,
      data,
    };
  });
}

/** Ways out from left to right as the steps they lead to stand, so that lines do not cross. */
function waysOf(id: string, node: StepNode, places: ReadonlyMap<string, Point>): Way[] {
  const own = places.get(id)?.x ?? 0;
  return exitsOf(node)
    .map(([way, to]) => ({ way, x: places.get(to)?.x ?? own }))
    .toSorted((one, other) => one.x - other.x)
    .map(({ way }) => way);
}

function Card({ data }: NodeProps<CardNode>) {
  const { t } = useI18n();
  const nodeKind = useNodeKind();
  const isFaulty = data.problems.length > 0;
  return (
    <>
      {data.kind !== "entry" && (
        <Handle id="in" type="target" position={Position.Top} className={styles.port} />
      )}
      <div
        className={`${styles.card} ${data.kind === "entry" ? styles.entry : ""} ${isFaulty ? styles.faulty : ""}`}
        title={isFaulty ? data.problems.join("\n") : undefined}
      >
        <span className={styles.kind}>
          <NodeIcon kind={data.kind} /> {nodeKind(data.kind)}
          <span className={styles.marks}>
            {data.notes > 0 && (
              <span className="num">
                <CommentOutlined aria-label={t("canvas.notes")} /> {data.notes}
              </span>
            )}
            {isFaulty && <WarningOutlined aria-label={t("canvas.faulty")} className={styles.warning} />}
          </span>
        </span>
        <strong>{data.label}</strong>
        {data.ways.length > 1 && (
          <span className={styles.ways}>
            {data.ways.map((way) => (
              <span key={way}>{way !== "next" && t(`way.${way}`)}</span>
            ))}
          </span>
        )}
      </div>
      {data.ways.map((way, index) => (
        <Handle
          key={way}
          id={way}
          type="source"
          position={Position.Bottom}
          className={styles.port}
          style={{ left: `${((index + 0.5) / data.ways.length) * 100}%` }}
        />
      ))}
    </>
  );
}

export const CARDS = { card: Card };
