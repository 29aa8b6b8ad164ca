import { Link } from "react-router";
import type { JourneyRow } from "../../api/types";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { JourneyStatusTag } from "../journeys/JourneyStatusTag";
import { NodeIcon } from "../journeys/NodeIcon";
import { useNodeKind } from "../journeys/useNodeKind";
import styles from "./overview.module.css";

const JOURNEYS_SHOWN = 6;

export function JourneysPanel({ journeys }: { journeys: readonly JourneyRow[] }) {
  const { t } = useI18n();
  return (
    <Panel
      title={t("overview.journeys")}
      extra={<Link to="/journeys">{t("more")}</Link>}
      testId="panel-journeys"
    >
      {journeys.length === 0 ? (
        <EmptyState title={t("journeys.empty")} action={<Link to="/journeys">{t("journeys.create")}</Link>}>
          {t("journeys.empty.text")}
        </EmptyState>
      ) : (
        <div className={styles.journeys}>
          {journeys.slice(0, JOURNEYS_SHOWN).map((journey) => (
            <JourneyFunnel key={journey.id} journey={journey} />
          ))}
        </div>
      )}
    </Panel>
  );
}

/** How far people came: one row per step, the bar as long as its share of the busiest step. */
function JourneyFunnel({ journey }: { journey: JourneyRow }) {
  const { t } = useI18n();
  const format = useFormat();
  // The furthest-reached step first: the shape of a funnel, whatever order the graph is kept in.
  const steps = journey.nodes.toSorted((a, b) => b.entered - a.entered);
  const nodeName = useNodeKind();
  const most = Math.max(1, ...journey.nodes.map((node) => node.entered));
  return (
    <article className={styles.journey}>
      <header>
        <Link to={`/journeys/${journey.id}`}>{journey.name}</Link>
        <JourneyStatusTag status={journey.status} />
      </header>
      <ol>
        {steps.map((node) => (
          <li key={node.id}>
            <span className={styles.nodeName}>
              <NodeIcon kind={node.kind} /> {node.label || nodeName(node.kind)}
            </span>
            <span className={styles.track} aria-hidden="true">
              <span style={{ width: `${(node.entered / most) * 100}%` }} />
            </span>
            <span className={`${styles.nodeCount} num`}>
              {format.count(node.entered)}
              {node.waiting > 0 && (
                <small>{t("journey.waitingCount", { count: format.count(node.waiting) })}</small>
              )}
            </span>
          </li>
        ))}
      </ol>
    </article>
  );
}
