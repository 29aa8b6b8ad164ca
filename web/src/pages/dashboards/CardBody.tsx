import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import {
  type DistributionQuery,
  distributionQuery,
  type FunnelQuery,
  funnelQuery,
  type PathsQuery,
  pathsQuery,
  type RetentionQuery,
  retentionQuery,
  type TrendQuery,
  trendQuery,
} from "../../api/behaviour";
import type { ShownCard } from "../../api/dashboards";
import { type AskMetric, metricAnswerQuery, metricsQuery } from "../../api/metrics";
import { rfmQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Sparkline } from "../../ui/Sparkline";
import { DistributionBuckets } from "../behaviour/DistributionTab";
import type { Shown } from "../behaviour/FigureDrawer";
import { FunnelSteps } from "../behaviour/FunnelTab";
import { PathsBody } from "../behaviour/PathsTab";
import { RetentionTable } from "../behaviour/RetentionTab";
import { TrendBody } from "../behaviour/TrendTab";
import { Headline, MetricFigures } from "../metrics/MetricFigures";
import { useMetricWords } from "../metrics/useMetricWords";
import { ClassTable } from "../rfm/ClassTable";
import styles from "./dashboards.module.css";

interface BodyProps<Question> {
  asked: Question;
  onShow: (shown: Shown) => void;
}

/** What a card shows; each question is asked by itself, so that one that fails spoils no other. */
export function CardBody({ shown, onShow }: { shown: ShownCard; onShow: (shown: Shown) => void }) {
  const { card, asks } = shown;
  if (asks === null) return card.shows.kind === "note" ? <Note text={card.shows.text} /> : <Rfm />;
  switch (asks.kind) {
    case "metric":
      return <Metric asked={asks.question} onShow={onShow} isSmall={(card.width ?? 6) <= 4} />;
    case "funnel":
      return <Funnel asked={asks.question} onShow={onShow} />;
    case "retention":
      return <Retention asked={asks.question} onShow={onShow} />;
    case "trend":
      return <Trend asked={asks.question} onShow={onShow} />;
    case "distribution":
      return <Distribution asked={asks.question} onShow={onShow} />;
    case "paths":
      return <Paths asked={asks.question} onShow={onShow} />;
  }
}

interface WaitingProps {
  error: Error | null;
  refetch: () => void;
}

function Waiting({ error, refetch }: WaitingProps) {
  return error ? <ErrorNotice error={error} onRetry={refetch} /> : <PanelSkeleton rows={3} />;
}

function Nothing() {
  const { t } = useI18n();
  return <p className="muted">{t("behaviour.nothing")}</p>;
}

function Note({ text }: { text: string }) {
  return <p className={styles.note}>{text}</p>;
}

function Rfm() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { data, ...waiting } = useQuery(rfmQuery);
  if (!data) return <Waiting {...waiting} />;
  if (data.as_of === null) return <p className="muted">{t("board.rfm.none")}</p>;
  return (
    <div className={styles.scroll}>
      <ClassTable
        summary={data}
        chosen=""
        onChoose={(name) => navigate(`/rfm?class=${encodeURIComponent(name)}`)}
      />
    </div>
  );
}

function Metric({ asked, onShow, isSmall }: BodyProps<AskMetric> & { isSmall: boolean }) {
  const words = useMetricWords();
  const { data: known } = useQuery(metricsQuery);
  const { data, ...waiting } = useQuery(metricAnswerQuery(asked));
  if (!data) return <Waiting {...waiting} />;
  const metric = known?.items.find((one) => one.id === asked.metric);
  const name = metric ? words.name(metric) : words.formula(data.text);
  const unit = metric?.unit ?? "number";
  if (!isSmall) return <MetricFigures name={name} answer={data} unit={unit} height={200} onShow={onShow} />;
  return (
    <>
      <Headline name={name} answer={data} unit={unit} onShow={onShow} />
      <Sparkline values={data.current.buckets.map((bucket) => Number(bucket.value ?? 0))} />
    </>
  );
}

function Funnel({ asked, onShow }: BodyProps<FunnelQuery>) {
  const { data, ...waiting } = useQuery(funnelQuery(asked));
  if (!data) return <Waiting {...waiting} />;
  if (data.total.reached[0] === 0) return <Nothing />;
  return (
    <FunnelSteps asked={asked} answer={data} group={null} reached={data.total.reached} onShow={onShow} />
  );
}

function Retention({ asked, onShow }: BodyProps<RetentionQuery>) {
  const { data, ...waiting } = useQuery(retentionQuery(asked));
  if (!data) return <Waiting {...waiting} />;
  if (data.cohorts.every((row) => row.people === 0)) return <Nothing />;
  return <RetentionTable asked={asked} answer={data} onShow={onShow} />;
}

function Trend({ asked, onShow }: BodyProps<TrendQuery>) {
  const { data, ...waiting } = useQuery(trendQuery(asked));
  return data ? <TrendBody asked={asked} answer={data} onShow={onShow} /> : <Waiting {...waiting} />;
}

function Distribution({ asked, onShow }: BodyProps<DistributionQuery>) {
  const { data, ...waiting } = useQuery(distributionQuery(asked));
  if (!data) return <Waiting {...waiting} />;
  if (data.people === 0) return <Nothing />;
  return <DistributionBuckets asked={asked} answer={data} onShow={onShow} />;
}

function Paths({ asked, onShow }: BodyProps<PathsQuery>) {
  const { data, ...waiting } = useQuery(pathsQuery(asked));
  if (!data) return <Waiting {...waiting} />;
  return data.people === 0 ? <Nothing /> : <PathsBody asked={asked} answer={data} onShow={onShow} />;
}
