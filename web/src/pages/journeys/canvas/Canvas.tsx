import "@xyflow/react/dist/style.css";
import {
  applyNodeChanges,
  type Connection,
  Controls,
  type EdgeChange,
  type Edge as FlowEdge,
  MarkerType,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import {
  type Dispatch,
  type DragEvent,
  type SetStateAction,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useTheme } from "../../../app/theme";
import { useI18n } from "../../../i18n";
import { type Definition, ENTRY, type StepNode, type Way } from "../definition";
import type { Point } from "../layout";
import { useNodeWords } from "../words";
import { CARDS, type CardNode, cardsOf } from "./Card";
import styles from "./canvas.module.css";
import { keepClip, keptClip } from "./clipboard";
import { add, connect, copy, openWay, paste, remove } from "./edits";
import { DRAGGED, Palette } from "./Palette";
import { below, CARD, drawnEdges, freeFrom, isArranged, placesOf, withPlaces } from "./places";
import { Tools } from "./Tools";
import { useAriaWords } from "./useAriaWords";
import type { Undoable } from "./useHistory";
import { useKeys } from "./useKeys";

interface CanvasProps {
  history: Undoable<Definition>;
  accountId: string;
  /** What is wrong with each step, by its id. */
  problems: ReadonlyMap<string, readonly string[]>;
  /** What is chosen; kept by the page alone, so that canvas and inspector never disagree. */
  selected: ReadonlySet<string>;
  onSelect: Dispatch<SetStateAction<ReadonlySet<string>>>;
}

type Route = FlowEdge<{ way: Way }>;

export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Board {...props} />
    </ReactFlowProvider>
  );
}

function Board({ history, accountId, problems, selected, onSelect }: CanvasProps) {
  const { t } = useI18n();
  const { dark } = useTheme();
  const words = useNodeWords();
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const { present: definition, put } = history;
  const cards = useCallback(
    (old: readonly CardNode[]) => cardsOf(definition, { old, words, problems }),
    [definition, words, problems],
  );
  const [stood, setStood] = useState(() => cards([]));
  const [cut, setCut] = useState<ReadonlySet<string>>(NONE);
  useEffect(() => setStood(cards), [cards]);
  const nodes = useMemo(
    () => stood.map((node) => ({ ...node, selected: selected.has(node.id) })),
    [stood, selected],
  );

  const edges = useMemo(
    () =>
      drawnEdges(definition).map(({ from, to, way }): Route => {
        const id = `${from}:${way}`;
        return {
          id,
          type: "smoothstep",
          source: from,
          sourceHandle: way,
          target: to,
          targetHandle: "in",
          data: { way },
          selected: cut.has(id),
          deletable: from !== ENTRY,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--edge)" },
        };
      }),
    [definition, cut],
  );

  const steps = [...selected].filter((id) => id in definition.nodes);
  const change = (next: Definition, select: readonly string[]) => {
    onSelect(new Set(select));
    put(next);
  };
  const follow = (changes: readonly NodeChange<CardNode>[]) => {
    const drawn = changes.filter(({ type }) => type === "position" || type === "dimensions");
    if (drawn.length > 0) setStood((old) => applyNodeChanges(drawn, [...old]));
    onSelect((old) => chosenOf(old, changes));
    const moved = movedBy(changes, placesOf(definition));
    if (moved.size > 0) put(withPlaces(definition, moved), "arrange");
  };
  const lead = ({ source, sourceHandle, target }: Connection) =>
    put(connect(definition, source, (sourceHandle ?? "next") as Way, target));
  const addAt = (kind: StepNode["kind"], at: Point, from: string | null) => {
    const [next, id] = add(definition, kind, at, accountId);
    const way = from === null ? null : openWay(definition, from);
    change(way === null || from === null ? next : connect(next, from, way, id), [id]);
  };
  const addByPress = (kind: StepNode["kind"]) => {
    const places = placesOf(definition);
    const [only] = selected.size === 1 ? selected : [];
    const above = only === undefined ? undefined : places.get(only);
    const at = above ? below(above) : middleOf(frame.current, flow.screenToFlowPosition);
    addAt(kind, freeFrom(at, places), only ?? null);
  };
  const drop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED) as StepNode["kind"] | "";
    if (kind === "") return;
    event.preventDefault();
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    addAt(kind, { x: x - CARD.width / 2, y: y - CARD.height / 2 }, null);
  };
  const removeAll = (ids: readonly string[], ways: readonly Route[]) => {
    const gone = new Set(ids);
    const others = ways.filter(({ source, target }) => !gone.has(source) && !gone.has(target));
    const cutWays = others.map(({ source, data }) => ({ from: source, way: data?.way ?? ("next" as Way) }));
    change(
      remove(
        definition,
        ids.filter((id) => id !== ENTRY),
        cutWays,
      ),
      [],
    );
    setCut(NONE);
  };
  const copyAll = () => keepClip(copy(definition, steps));
  const pasteAll = () => {
    const clip = keptClip();
    if (clip.length === 0) return;
    change(...paste(definition, clip));
  };
  const arrange = () => {
    put({ ...definition, layout: undefined });
    requestAnimationFrame(() => flow.fitView(FIT));
  };
  const aria = useAriaWords();
  useKeys({ undo: history.undo, redo: history.redo, copy: copyAll, paste: pasteAll });

  return (
    <div className={styles.board}>
      <div className={styles.bar}>
        <Palette onAdd={addByPress} />
        <Tools
          history={history}
          canCopy={steps.length > 0}
          canRemove={steps.length > 0 || cut.size > 0}
          canArrange={isArranged(definition)}
          onCopy={copyAll}
          onPaste={pasteAll}
          onRemove={() =>
            removeAll(
              steps,
              edges.filter(({ id }) => cut.has(id)),
            )
          }
          onArrange={arrange}
        />
      </div>
      <div ref={frame} className={styles.canvas} data-testid="journey-canvas">
        <ReactFlow<CardNode, Route>
          nodes={nodes}
          edges={edges}
          nodeTypes={CARDS}
          onNodesChange={follow}
          onEdgesChange={(changes) => setCut((old) => chosenOf(old, changes))}
          onConnect={lead}
          onReconnect={(old, to) => {
            const without = connect(definition, old.source, old.data?.way ?? "next", "");
            put(connect(without, to.source, (to.sourceHandle ?? "next") as Way, to.target));
          }}
          isValidConnection={({ source, target }) => source !== target}
          onBeforeDelete={async ({ nodes: gone, edges: ways }) => {
            removeAll(
              gone.map(({ id }) => id),
              ways,
            );
            return false; // The definition changes, and what is drawn follows it.
          }}
          onDragOver={(event) => {
            event.preventDefault();
            event.dataTransfer.dropEffect = "move";
          }}
          onDrop={drop}
          ariaLabelConfig={aria}
          colorMode={dark ? "dark" : "light"}
          fitView
          fitViewOptions={FIT}
          minZoom={0.2}
          maxZoom={1.6}
          deleteKeyCode={DELETE_KEYS}
          selectionMode={SelectionMode.Partial}
          connectionRadius={36}
          proOptions={{ hideAttribution: true }}
        >
          <Controls showInteractive={false} position="bottom-right" />
        </ReactFlow>
        {Object.keys(definition.nodes).length === 0 && <p className={styles.blank}>{t("canvas.blank")}</p>}
      </div>
    </div>
  );
}

const NONE: ReadonlySet<string> = new Set();
const DELETE_KEYS = ["Delete", "Backspace"];
const FIT = { padding: 0.12, maxZoom: 1 };

/** What is chosen after some changes; the same set where none was of what is chosen. */
function chosenOf(
  old: ReadonlySet<string>,
  changes: readonly (EdgeChange | NodeChange<CardNode>)[],
): ReadonlySet<string> {
  const turned = changes.filter((one) => one.type === "select");
  if (turned.length === 0) return old;
  const next = new Set(old);
  for (const one of turned) next[one.selected ? "add" : "delete"](one.id);
  return next;
}

/** Where things came to stand that were dragged and let go, or pushed by keys. */
function movedBy(
  changes: readonly NodeChange<CardNode>[],
  stood: ReadonlyMap<string, Point>,
): Map<string, Point> {
  const moved = new Map<string, Point>();
  for (const one of changes) {
    if (one.type !== "position" || one.dragging === true || !one.position) continue;
    const [{ x, y }, before] = [one.position, stood.get(one.id)];
    const stays = before && Math.round(before.x) === Math.round(x) && Math.round(before.y) === Math.round(y);
    if (!stays) moved.set(one.id, one.position);
  }
  return moved;
}

function middleOf(frame: HTMLDivElement | null, toFlow: (at: Point) => Point): Point {
  const { left = 0, top = 0, width = 0, height = 0 } = frame?.getBoundingClientRect() ?? {};
  const { x, y } = toFlow({ x: left + width / 2, y: top + height / 2 });
  return { x: x - CARD.width / 2, y: y - CARD.height / 2 };
}
