import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Segmented, Select } from "antd";
import { type MatchState, type MatchSummary, matchesQuery, matchSummaryQuery } from "../../../api/matches";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import { Cases } from "./Cases";
import { MatchCard } from "./MatchCard";
import { Runs } from "./Runs";
import styles from "./review.module.css";

const FIELDS = ["name", "nickname", "birth_date", "phone", "email", "id_number", "address", "city"] as const;
const VIEWS = ["open", "cases", "accepted", "refused", "runs"] as const;
type View = (typeof VIEWS)[number];

/** Two who may be one person, side by side, and everything else about identities that waits for somebody. */
export default function ReviewPage() {
  const { t } = useI18n();
  const format = useFormat();
  const [view, setView] = useSearchState("view");
  const { data: summary, error, refetch } = useQuery(matchSummaryQuery);
  const shown: View = VIEWS.find((one) => one === view) ?? "open";
  const counts: Partial<Record<View, number>> = { open: summary?.open, cases: summary?.cases };
  return (
    <Page title={t("nav.review")} lead={t("review.lead")} back={{ to: "/people", label: t("nav.people") }}>
      <div className={styles.views}>
        <Segmented<View>
          aria-label={t("review.views")}
          value={shown}
          onChange={(next) => setView(next === "open" ? "" : next)}
          options={VIEWS.map((one) => ({
            value: one,
            label: counts[one]
              ? t(`review.view.${one}.count`, { count: format.count(counts[one]) })
              : t(`review.view.${one}`),
          }))}
        />
      </div>
      {error && !summary && <ErrorNotice error={error} onRetry={refetch} />}
      {shown === "runs" && summary && <Runs summary={summary} />}
      {shown === "cases" && <Cases />}
      {shown !== "runs" && shown !== "cases" && <Matches state={shown} summary={summary} />}
    </Page>
  );
}

function Matches({ state, summary }: { state: MatchState; summary: MatchSummary | undefined }) {
  const { t } = useI18n();
  const [field, setField] = useSearchState("field");
  const matches = useInfiniteQuery(matchesQuery({ state, field: field || undefined }));
  const items = matches.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title={t(`review.title.${state}`)}
      testId="matches"
      extra={
        <Select
          allowClear
          aria-label={t("review.field")}
          placeholder={t("review.field")}
          value={field || undefined}
          onChange={(next: string | undefined) => setField(next ?? "")}
          options={FIELDS.map((one) => ({ value: one, label: t(`review.field.${one}`) }))}
          style={{ width: 150, maxWidth: "100%" }}
        />
      }
    >
      {matches.error && !items && <ErrorNotice error={matches.error} onRetry={matches.refetch} />}
      {!items && !matches.error && <PanelSkeleton />}
      {items?.length === 0 && <Nothing state={state} summary={summary} />}
      <ul className={styles.matches}>
        {items?.map((match) => (
          <MatchCard key={match.id} match={match} />
        ))}
      </ul>
      <LoadMore pager={matches} />
    </Panel>
  );
}

function Nothing({ state, summary }: { state: MatchState; summary: MatchSummary | undefined }) {
  const { t } = useI18n();
  const format = useFormat();
  if (state !== "open") return <EmptyState title={t("review.none.decided")} />;
  if (summary && !summary.is_on)
    return <EmptyState title={t("review.none.off")}>{t("review.none.off.text")}</EmptyState>;
  return (
    <EmptyState title={t("review.none.open")}>
      {t("review.none.open.text", {
        compared: format.count(summary?.compared ?? 0),
        waiting: format.count(summary?.waiting ?? 0),
      })}
    </EmptyState>
  );
}
