import "@xyflow/react/dist/style.css";
import {
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  type EdgeProps,
  type Edge as FlowEdge,
  getSmoothStepPath,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import type { JourneyDraft, JourneyNode } from "../../api/types";
import { useTheme } from "../../app/theme";
import { useI18n } from "../../i18n";
import { Counts } from "./Counts";
import { drawnEdges, isArranged, placesOf } from "./canvas/places";
import { ENTRY, readDefinition } from "./definition";
import styles from "./journeys.module.css";
import { edgeKey, type Laid, layOut, type Point, roundedPath } from "./layout";
import { NodeIcon } from "./NodeIcon";
import { useNodeKind } from "./useNodeKind";
import { useNodeWords } from "./words";

const NODE_WIDTH = 236;
const HEIGHT_WITH_COUNTS = 92;
const HEIGHT_WITHOUT = 64;
/** Air around the graph, so that at full size nothing touches the edge. */
const MARGIN = 72;

export interface GraphProps {
  definition: JourneyDraft["definition"];
  /** Counts, where the journey has run; a draft shows none. */
  nodes: readonly JourneyNode[];
  onChoose?: (nodeId: string) => void;
}

type StepData = { kind: string; label: string; counts: JourneyNode | null; onChoose?: () => void };
type Step = Node<StepData, "step">;
type RouteData = { points: Point[]; label: string };
type Route = FlowEdge<RouteData, "route">;

export function JourneyGraph({ definition: raw, nodes, onChoose }: GraphProps) {
  const { t } = useI18n();
  const { dark } = useTheme();
  const words = useNodeWords();
  const graph = useMemo(() => {
    const definition = readDefinition(raw);
    const counts = new Map(nodes.map((node) => [node.id, node]));
    const edges = drawnEdges(definition);
    const ids = [ENTRY, ...Object.keys(definition.nodes)];
    const height = counts.size > 0 ? HEIGHT_WITH_COUNTS : HEIGHT_WITHOUT;
    const laid = isArranged(definition)
      ? arranged(placesOf(definition), height)
      : layOut(ids, edges, { width: NODE_WIDTH, height });
    const dataOf = (id: string): StepData => {
      const node = definition.nodes[id];
      if (!node) return { kind: "entry", label: words.entry(definition.entry), counts: null };
      const label = words.node(node);
      return {
        kind: node.kind,
        label,
        counts: counts.get(id) ?? null,
        onChoose: onChoose && (() => onChoose(id)),
      };
    };
    return {
      height: laid.height,
      nodes: ids.map(
        (id): Step => ({
          id,
          type: "step",
          position: laid.nodes.get(id) ?? { x: 0, y: 0 },
          height,
          data: dataOf(id),
        }),
      ),
      edges: edges.map((edge): Route => {
        const key = edgeKey(edge);
        const label = edge.way === "next" ? "" : t(`way.${edge.way}`);
        return {
          id: key,
          type: "route",
          source: edge.from,
          target: edge.to,
          data: { points: laid.routes.get(key) ?? [], label },
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--edge)" },
        };
      }),
    };
  }, [raw, nodes, onChoose, words, t]);

  return (
    <div className={styles.graph} style={{ height: graph.height + MARGIN }}>
      <ReactFlow<Step, Route>
        nodes={graph.nodes}
        edges={graph.edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={dark ? "dark" : "light"}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
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
        <Controls showInteractive={false} position="top-right" />
      </ReactFlow>
    </div>
  );
}

/** Everything where its author put it; ways are drawn from card to card. */
function arranged(nodes: Map<string, Point>, height: number): Laid {
  const rows = [...nodes.values()].map(({ y }) => y);
  return { nodes, routes: new Map(), height: Math.max(...rows) - Math.min(...rows) + height };
}

function StepCard({ data }: NodeProps<Step>) {
  const nodeKind = useNodeKind();
  const body = (
    <>
      <span className={styles.stepKind}>
        <NodeIcon kind={data.kind} /> {nodeKind(data.kind)}
      </span>
      <strong>{data.label}</strong>
      {data.counts && <Counts counts={data.counts} />}
    </>
  );
  return (
    <>
      <Handle type="target" position={Position.Top} className={styles.handle} />
      {data.onChoose ? (
        <button type="button" className={`${styles.step} nopan`} onClick={data.onChoose}>
          {body}
        </button>
      ) : (
        <div className={`${styles.step} ${data.kind === "entry" ? styles.entry : ""}`}>{body}</div>
      )}
      <Handle type="source" position={Position.Bottom} className={styles.handle} />
    </>
  );
}

/** The way stands near its beginning, where the eye decides which branch to follow. */
function RouteLine({ data, markerEnd, ...ends }: EdgeProps<Route>) {
  const points = data?.points ?? [];
  const [stepped, x, y] = getSmoothStepPath(ends);
  const at = points[1] ?? points[0] ?? { x, y };
  return (
    <>
      <BaseEdge path={points.length > 0 ? roundedPath(points) : stepped} markerEnd={markerEnd} />
      {data?.label && (
        <EdgeLabelRenderer>
          <span
            className={styles.edgeLabel}
            style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const NODE_TYPES = { step: StepCard };
const EDGE_TYPES = { route: RouteLine };
