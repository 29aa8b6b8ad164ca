import { useQuery } from "@tanstack/react-query";
import { sourcesQuery } from "../../api/events";
import { CALM_MS } from "../../api/queries";
import type { SourceHealth } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { Sparkline } from "../../ui/Sparkline";
import { Tag, type Tone } from "../../ui/Tag";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { ConnectPanel } from "./ConnectPanel";
import { StagesPanel } from "./StagesPanel";
import styles from "./sources.module.css";

const TONES: Record<SourceHealth["state"], Tone> = {
  healthy: "jade",
  waiting: "blue",
  silent: "amber",
  failing: "red",
};
/** Where something is wrong it shows; a zero is not worth the room. */
const COUNTS = ["duplicates", "differs", "rejected", "quarantined", "late", "skewed"] as const;

/** How every source does, how far the pipeline is behind, and how to connect one more. */
export default function SourcesPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(sourcesQuery(CALM_MS));
  return (
    <Page title={t("nav.sources")} lead={t("sources.lead")}>
      <Panel flush title={t("sources.health")}>
        <DataTable
          label={t("nav.sources")}
          testId="sources-table"
          columns={useColumns()}
          rows={data?.sources}
          rowKey={(one) => one.source}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("sources.empty")}>{t("sources.empty.text")}</EmptyState>}
        />
      </Panel>
      <ConnectPanel />
      <StagesPanel stages={data?.stages} />
    </Page>
  );
}

function useColumns(): Column<SourceHealth>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const zone = useZone();
  const eventName = useEventName();
  return [
    {
      key: "source",
      title: t("catalogue.sources"),
      lead: true,
      width: "18%",
      render: (one) => (
        <span className={styles.source}>
          <strong>{one.source}</strong>
          <small>{one.last_event && eventName(one.last_event)}</small>
        </span>
      ),
    },
    {
      key: "state",
      title: t("sources.state"),
      wide: true,
      width: "36%",
      render: (one) => <State one={one} />,
    },
    { key: "volume", title: t("sources.accepted"), render: (one) => <Volume one={one} /> },
    { key: "counts", title: t("sources.counts"), wide: true, render: (one) => <Counts one={one} /> },
    {
      key: "last",
      title: t("catalogue.lastSeen"),
      align: "end",
      render: (one) =>
        one.last_heard_at ? (
          <time title={formatDateTime(one.last_heard_at, zone)}>{ago(one.last_heard_at)}</time>
        ) : (
          "–"
        ),
    },
  ];
}

function State({ one }: { one: SourceHealth }) {
  const { t } = useI18n();
  return (
    <div className={styles.state}>
      <Tag tone={TONES[one.state]}>{t(`sourceState.${one.state}`)}</Tag>
      {one.reasons.length > 0 && (
        <ul>
          {one.reasons.map((reason) => (
            <li key={reason}>{t(`sourceReason.${reason}`)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Volume({ one }: { one: SourceHealth }) {
  const format = useFormat();
  return (
    <div className={styles.volume}>
      <span className="num">{format.count(one.accepted)}</span>
      {one.accepted > 0 && <Sparkline values={one.hours.map((hour) => hour.events)} />}
    </div>
  );
}

function Counts({ one }: { one: SourceHealth }) {
  const { t } = useI18n();
  const format = useFormat();
  const shown = COUNTS.filter((name) => one[name] > 0);
  if (shown.length === 0) return <span className="muted">–</span>;
  return (
    <dl className={styles.counts}>
      {shown.map((name) => (
        <div key={name}>
          <dt>{t(`sources.${name}`)}</dt>
          <dd className="num">{format.count(one[name])}</dd>
        </div>
      ))}
    </dl>
  );
}
