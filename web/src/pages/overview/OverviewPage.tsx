import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../../api/queries";
import type { Overview } from "../../api/types";
import { useNow, useSession, useZone } from "../../app/session";
import { formatDay } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LiveMark } from "../../ui/LiveMark";
import { Page } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { HeldNotice } from "../messages/HeldNotice";
import { EventsPanel } from "./EventsPanel";
import { Figures } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import { JourneysPanel } from "./JourneysPanel";
import { MessagesPanel } from "./MessagesPanel";
import styles from "./overview.module.css";
import { PipelinePanel } from "./PipelinePanel";
import { RevenuePanel } from "./RevenuePanel";

export function OverviewPage() {
  const { t } = useI18n();
  const { session } = useSession();
  const zone = useZone();
  const now = useNow(60_000);
  const { data, error, refetch, dataUpdatedAt } = useQuery(overviewQuery);
  return (
    <Page
      title={t("nav.overview")}
      lead={`${session.brand.name} · ${formatDay(now.toISOString(), zone)}`}
      actions={data && <LiveMark failing={error !== null} updatedAt={dataUpdatedAt} />}
    >
      <HeldNotice />
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data ? <Board overview={data} /> : !error && <BoardSkeleton />}
    </Page>
  );
}

function Board({ overview }: { overview: Overview }) {
  const isEmpty = overview.events.total === 0 && overview.people.total === 0;
  return (
    <>
      {isEmpty && <FirstSteps />}
      <Figures overview={overview} />
      <div className={styles.wideNarrow}>
        <EventsPanel overview={overview} />
        <PipelinePanel pipeline={overview.pipeline} />
      </div>
      <div className={styles.wideNarrow}>
        <RevenuePanel revenue={overview.revenue} />
        <MessagesPanel messages={overview.messages} />
      </div>
      <JourneysPanel journeys={overview.journeys} />
    </>
  );
}

function BoardSkeleton() {
  return (
    <>
      <div className={styles.figures}>
        {[1, 2, 3, 4].map((key) => (
          <PanelSkeleton key={key} rows={2} />
        ))}
      </div>
      <div className={styles.wideNarrow}>
        <PanelSkeleton rows={7} />
        <PanelSkeleton rows={7} />
      </div>
    </>
  );
}
