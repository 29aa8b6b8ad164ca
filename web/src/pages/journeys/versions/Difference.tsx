import { useQuery } from "@tanstack/react-query";
import { differenceQuery, type FieldChange, type NodeChange } from "../../../api/journeys";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import type { StepNode } from "../definition";
import { NodeIcon } from "../NodeIcon";
import { useNodeKind } from "../useNodeKind";
import { useNodeWords } from "../words";
import { compare } from "./texts";
import styles from "./versions.module.css";

interface DifferenceProps {
  journey: string;
  before: number;
  after: number;
}

/** What differs between two versions: steps that came, went and changed, and every value of those. */
export function Difference({ journey, before, after }: DifferenceProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(differenceQuery(journey, before, after));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={4} />;
  if (data.journey.length + data.nodes.length === 0) return <EmptyState title={t("versions.same")} />;
  return (
    <ul className={styles.changes} data-testid="version-difference">
      {data.journey.length > 0 && (
        <li>
          <header>
            <strong>{t("versions.journey")}</strong>
            <Tag tone="amber">{t("versions.changed")}</Tag>
          </header>
          <Fields fields={data.journey} />
        </li>
      )}
      {data.nodes.map((change) => (
        <Change key={change.node} change={change} />
      ))}
    </ul>
  );
}

const TONES = { added: "jade", removed: "red", changed: "amber" } as const;

function Change({ change }: { change: NodeChange }) {
  const { t } = useI18n();
  const words = useNodeWords();
  const nodeKind = useNodeKind();
  const node = (change.after ?? change.before) as unknown as StepNode;
  return (
    <li>
      <header>
        <span className="muted">
          <NodeIcon kind={node.kind} /> {nodeKind(node.kind)}
        </span>
        <strong>{words.node(node)}</strong>
        <Tag tone={TONES[change.change]}>{t(`versions.${change.change}`)}</Tag>
      </header>
      <Fields fields={change.fields} />
    </li>
  );
}

function Fields({ fields }: { fields: readonly FieldChange[] }) {
  const { t, has } = useI18n();
  return (
    <dl className={styles.fields}>
      {fields.map(({ path, before, after }) => {
        const key = `versions.field.${path}`;
        return (
          <div key={path}>
            <dt>{has(key) ? t(key) : <code>{path}</code>}</dt>
            <dd>
              {compare(before ?? "", after ?? "").map((piece, index) => {
                const [id, text] = [`${index} ${piece.text}`, piece.text];
                if (piece.is === "gone") return <del key={id}>{text}</del>;
                return piece.is === "new" ? <ins key={id}>{text}</ins> : <span key={id}>{text}</span>;
              })}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
