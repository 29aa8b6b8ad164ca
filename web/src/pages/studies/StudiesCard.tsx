import { useQuery } from "@tanstack/react-query";
import { type ClusterSummary, type PersonFigure, personFiguresQuery, studyQuery } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useBandName, useChurnWord } from "../churn/words";
import { useClusterName } from "../clusters/ClustersPage";
import { useStageName } from "../lifecycle/stages";
import { hoursText } from "../rhythm/words";
import { useSpendingWords } from "../spending/words";
import { ContentFormFigure, EngagementFigure } from "./ActivityFigures";
import { Figure, Line } from "./Figure";
import styles from "./studies.module.css";

/** What the studies last said of one person, and why. */
export function StudiesCard({ personId }: { personId: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(personFiguresQuery(personId));
  return (
    <Panel title={t("study.person")} testId="person-studies">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={3} />}
      {data && Object.keys(data).length === 0 && (
        <EmptyState title={t("study.person.none")}>{t("study.person.none.text")}</EmptyState>
      )}
      {data?.lifecycle && <StageFigure figure={data.lifecycle} />}
      {data?.churn && <ChurnFigure figure={data.churn} />}
      {data?.rhythm && <RhythmFigure figure={data.rhythm} />}
      {data?.interests && <InterestFigure figure={data.interests} />}
      {data?.spending && <SpendingFigure figure={data.spending} />}
      {data?.engagement && <EngagementFigure figure={data.engagement} />}
      {data?.content_forms && <ContentFormFigure figure={data.content_forms} />}
      {data?.clusters && <ClusterFigure figure={data.clusters} />}
    </Panel>
  );
}

function StageFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const name = useStageName();
  const detail = figure.detail as { first_on: string; last_on: string; orders: number };
  return (
    <Figure kind="lifecycle" figure={figure} tag={name(figure.label)}>
      <dl className={styles.lines}>
        {figure.before && figure.before !== figure.label && (
          <Line label={t("lifecycle.before")} value={name(figure.before)} />
        )}
        <Line label={t("lifecycle.firstOn")} value={detail.first_on} />
        <Line label={t("lifecycle.lastOn")} value={detail.last_on} />
        <Line label={t("lifecycle.orders")} value={String(detail.orders)} />
      </dl>
    </Figure>
  );
}

/** When they are likely to be there; few visits look like everybody's. */
function RhythmFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const detail = figure.detail as { visits: number; best_hours: number[]; best_weekday: number };
  return (
    <Figure kind="rhythm" figure={figure} tag={t(`rhythm.part.${figure.label}` as MessageKey)}>
      <dl className={styles.lines}>
        <Line label={t("rhythm.bestHours")} value={hoursText(detail.best_hours)} />
        <Line
          label={t("attribute.best_weekday")}
          value={t(`rhythm.weekday.${detail.best_weekday}` as MessageKey)}
        />
        <Line label={t("rhythm.own")} value={format.share(figure.score ?? 0, 1)} />
      </dl>
    </Figure>
  );
}

/** What they turn to, beside everybody. */
function InterestFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const { interests } = figure.detail as {
    interests: { category: string; share: number; against_brand: number }[];
  };
  return (
    <Figure kind="interests" figure={figure} tag={figure.label}>
      <dl className={styles.lines}>
        {interests.map((one) => (
          <Line
            key={one.category}
            label={one.category}
            value={`${format.share(one.share, 1)} · ${t("interests.against", {
              times: format.decimal(one.against_brand, 1),
            })}`}
          />
        ))}
        <Line label={t("rhythm.own")} value={format.share(figure.score ?? 0, 1)} />
      </dl>
    </Figure>
  );
}

/** What an order of theirs usually comes to, where its prices stand, and how many had a discount. */
function SpendingFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useSpendingWords();
  const detail = figure.detail as {
    orders: number;
    discounted: number;
    typical_order: string;
    currency: string;
    price_level: number | null;
    discount_share: number;
  };
  return (
    <Figure kind="spending" figure={figure} tag={words.group(figure.label)}>
      <dl className={styles.lines}>
        <Line
          label={t("spending.typicalOrder")}
          value={format.money(detail.typical_order, detail.currency)}
        />
        {detail.price_level !== null && (
          <Line label={t("attribute.price_level")} value={format.share(detail.price_level, 1)} />
        )}
        <Line
          label={t("attribute.discount_share")}
          value={`${format.share(detail.discount_share, 1)} · ${t("spending.ordersOf", {
            orders: format.count(detail.orders),
            n: detail.orders,
            discounted: format.count(detail.discounted),
          })}`}
        />
      </dl>
    </Figure>
  );
}

interface Reason {
  feature: string;
  value: number;
  effect: number;
}

/** How likely they do not come back, and what most makes it so. */
function ChurnFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useBandName();
  const word = useChurnWord();
  const { reasons } = figure.detail as { reasons: Reason[] };
  return (
    <Figure kind="churn" figure={figure} tag={`${name(figure.label)} ${format.share(figure.score ?? 0, 1)}`}>
      <dl className={styles.lines}>
        {reasons.map((one) => (
          <Line
            key={one.feature}
            label={word("feature", one.feature)}
            value={`${
              one.feature.endsWith("_share") ? format.share(one.value, 1) : format.decimal(one.value, 1)
            } · ${t(one.effect > 0 ? "churn.raises" : "churn.lowers")}`}
          />
        ))}
      </dl>
    </Figure>
  );
}

function ClusterFigure({ figure }: { figure: PersonFigure }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(studyQuery<ClusterSummary>("clusters"));
  const name = useClusterName(data);
  return (
    <Figure kind="clusters" figure={figure} tag={name(figure.label)}>
      <dl className={styles.lines}>
        {Object.entries(figure.detail as Record<string, number>).map(([feature, value]) => (
          <div key={feature}>
            <dt>{t(`clusters.feature.${feature}` as MessageKey)}</dt>
            <dd className="num">
              {feature.endsWith("_share") ? format.share(value, 1) : format.decimal(value, 1)}
            </dd>
          </div>
        ))}
      </dl>
    </Figure>
  );
}
