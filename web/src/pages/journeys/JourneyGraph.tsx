import "@xyflow/react/dist/base.css";
import { Controls, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import type { JourneyDefinition, JourneyNode } from "../../api/types";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import styles from "./journeys.module.css";
import { edgesOf, placeNodes } from "./layout";
import { NodeIcon } from "./NodeIcon";
import { useNodeWords } from "./words";

const SIZE = { column: 268, row: 132 };
const ENTRY = "__entry__";

interface GraphProps {
  definition: JourneyDefinition;
  /** Counts, where the journey has run; a draft shows none. */
  nodes: readonly JourneyNode[];
  onChoose?: (nodeId: string) => void;
}

type StepData = { kind: string; label: string; counts: JourneyNode | null; onChoose?: () => void };
type StepNode = Node<StepData, "step">;

export function JourneyGraph({ definition, nodes, onChoose }: GraphProps) {
  const { t } = useI18n();
  const words = useNodeWords();
  const graph = useMemo(() => {
    const counts = new Map(nodes.map((node) => [node.id, node]));
    const inner = edgesOf(definition.nodes);
    const edges = [{ from: ENTRY, to: definition.start, way: "next" }, ...inner];
    const places = placeNodes([ENTRY, ...Object.keys(definition.nodes)], ENTRY, edges, SIZE);
    return {
      nodes: places.map(({ id, x, y }): StepNode => {
        const node = definition.nodes[id];
        const data: StepData = node
          ? {
              kind: node.kind,
              label: words.node(id, node),
              counts: counts.get(id) ?? null,
              onChoose: onChoose && (() => onChoose(id)),
            }
          : { kind: "entry", label: words.entry(definition.entry), counts: null };
        return { id, type: "step", position: { x, y }, data };
      }),
      edges: edges.map(({ from, to, way }) => ({
        id: `${from}:${way}`,
        source: from,
        target: to,
        label: way === "next" ? undefined : t(`way.${way as "yes" | "no" | "matched" | "timeout"}`),
        type: "smoothstep",
        markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--line-strong)" },
      })),
    };
  }, [definition, nodes, onChoose, words, t]);

  return (
    <div className={styles.graph}>
      <ReactFlow<StepNode>
        nodes={graph.nodes}
        edges={graph.edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        minZoom={0.3}
        maxZoom={1.4}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        nodesFocusable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function Step({ data }: NodeProps<StepNode>) {
  const { t, has } = useI18n();
  const kind = `nodeKind.${data.kind}`;
  const body = (
    <>
      <span className={styles.stepKind}>
        <NodeIcon kind={data.kind} /> {has(kind) ? t(kind) : data.kind}
      </span>
      <strong>{data.label}</strong>
      {data.counts && <Counts counts={data.counts} />}
    </>
  );
  return (
    <>
      {data.kind !== "entry" && <Handle type="target" position={Position.Top} className={styles.handle} />}
      {data.onChoose ? (
        <button type="button" className={`${styles.step} nopan`} onClick={data.onChoose}>
          {body}
        </button>
      ) : (
        <div className={`${styles.step} ${data.kind === "entry" ? styles.entry : ""}`}>{body}</div>
      )}
      {data.kind !== "end" && <Handle type="source" position={Position.Bottom} className={styles.handle} />}
    </>
  );
}

const NODE_TYPES = { step: Step };

function Counts({ counts }: { counts: JourneyNode }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span className={`${styles.counts} num`}>
      <span>{t("node.entered", { count: format.compact(counts.entered) })}</span>
      <span className={counts.waiting > 0 ? styles.waiting : undefined}>
        {t("node.waiting", { count: format.compact(counts.waiting) })}
      </span>
      <span>{t("node.left", { count: format.compact(counts.left) })}</span>
    </span>
  );
}
