import { CheckCircleFilled, CloseCircleFilled } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { explainQuery } from "../../api/queries";
import type { Explained } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useEventName } from "../../ui/useEventName";
import { PersonName } from "../people/PersonName";
import { PersonSearch } from "../people/PersonSearch";
import styles from "./segments.module.css";
import { aboutOf, type Condition, type LeafKind, partAt, toJson } from "./tree";
import { useSegmentName } from "./useSegmentName";

const WIDTH = "min(520px, 100vw)";

interface ExplainDrawerProps {
  tree: Condition;
  /** Whom it is about; empty while nobody is chosen. */
  person: string;
  onPerson: (id: string) => void;
  onClose: () => void;
}

/** Every condition with what was found for one person. */
export function ExplainDrawer({ tree, person, onPerson, onClose }: ExplainDrawerProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({
    ...explainQuery(toJson(tree), person),
    enabled: person !== "",
  });
  return (
    <Drawer open size={WIDTH} title={t("explain.title")} onClose={onClose}>
      <PersonSearch onPick={onPerson} />
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {person !== "" && !error && !data && <Bone height={80} />}
      {data && (
        <div data-testid="explanation" className={styles.explanation}>
          <div className={styles.verdict}>
            <PersonName
              id={data.person.id}
              name={data.person.display_name}
              seed={data.person.avatar_seed}
              note={data.person.city}
            />
            <Tag tone={data.tree.met ? "jade" : "plain"}>
              {t(data.tree.met ? "explain.in" : "explain.out")}
            </Tag>
          </div>
          <ExplainedTree node={data.tree} tree={tree} />
        </div>
      )}
    </Drawer>
  );
}

const GROUPS = new Set(["all", "any", "not"]);

interface NodeProps {
  node: Explained;
  tree: Condition;
}

/** Every condition within one, each with whether it is met and what was found. */
export function ExplainedTree({ node, tree }: NodeProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  const isGroup = GROUPS.has(node.kind);
  const segmentName = useSegmentName();
  const part = partAt(tree, node.path);
  const about =
    part?.kind === "segment" || part?.kind === "segment_move"
      ? segmentName(part.segment)
      : aboutOf(part).map(eventName).join(" → ");
  const Icon = node.met ? CheckCircleFilled : CloseCircleFilled;
  return (
    <div className={styles.node}>
      <div className={styles.nodeHead}>
        <Icon
          className={node.met ? styles.met : styles.unmet}
          aria-label={t(node.met ? "explain.met" : "explain.unmet")}
        />
        <span>
          {isGroup ? t(`explain.${node.kind as "all" | "any" | "not"}`) : t(`leaf.${node.kind as LeafKind}`)}
        </span>
        {about && <strong>{about}</strong>}
        {!isGroup && <Found node={node} />}
      </div>
      {node.moments.length > 0 && <Moments node={node} />}
      {node.parts.length > 0 && (
        <div className={styles.nodeParts}>
          {node.parts.map((part) => (
            <ExplainedTree key={part.path} node={part} tree={tree} />
          ))}
        </div>
      )}
    </div>
  );
}

const SILENT = new Set(["segment", "sequence"]);

function Found({ node }: { node: Explained }) {
  const { t } = useI18n();
  if (SILENT.has(node.kind)) return null;
  return (
    <span className="muted">
      {node.found === null ? t("explain.nothing") : t("explain.found", { value: node.found })}
    </span>
  );
}

function Moments({ node }: { node: Explained }) {
  const { t } = useI18n();
  const zone = useZone();
  const eventName = useEventName();
  return (
    <ul className={styles.moments}>
      {node.moments_total > node.moments.length && (
        <li className="muted">{t("explain.moments", { n: node.moments_total })}</li>
      )}
      {node.moments.map((moment) => (
        <li key={`${moment.name}${moment.at}`}>
          {eventName(moment.name)} · <span className="num">{formatDateTime(moment.at, zone)}</span>
        </li>
      ))}
    </ul>
  );
}
