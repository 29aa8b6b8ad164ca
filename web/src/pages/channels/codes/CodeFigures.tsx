import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useCallback, useState } from "react";
import { codeStatisticsQuery } from "../../../api/channels";
import type { CodeStatistics, SourceCode } from "../../../api/types";
import { useNow, useZone } from "../../../app/session";
import { CHART_GRID, Chart } from "../../../charts/Chart";
import type { Palette } from "../../../charts/palette";
import { dayKey, formatCalendarDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Bone } from "../../../ui/PageSkeleton";
import { useFormat } from "../../../ui/useFormat";
import type { TabProps } from "../ChannelPage";
import { daysBefore, filledDays } from "./codes";
import styles from "./codes.module.css";

const RANGES = [7, 30, 90] as const;
type Range = (typeof RANGES)[number];

/** What a code brought: figures of a period and its days. */
export function CodeFigures({ account, code }: TabProps & { code: SourceCode }) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  const [range, setRange] = useState<Range>(30);
  const to = dayKey(now.toISOString(), zone);
  const from = daysBefore(to, range - 1);
  const { data, error, refetch } = useQuery(codeStatisticsQuery(account.id, code.id, from, to));
  return (
    <section aria-label={t("codes.figures")} data-testid="code-figures" className={styles.figures}>
      <header>
        <h3>{t("codes.figures")}</h3>
        <Segmented<Range>
          size="small"
          aria-label={t("codes.range")}
          value={range}
          onChange={setRange}
          options={RANGES.map((days) => ({ value: days, label: t("codes.days.last", { days }) }))}
        />
      </header>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone height={120} />}
      {data && <Totals figures={data} />}
      {data && data.scans > 0 && <Days days={filledDays(data.days, from, to)} />}
    </section>
  );
}

function Totals({ figures }: { figures: CodeStatistics }) {
  const { t } = useI18n();
  const format = useFormat();
  const share = (part: number) =>
    figures.people > 0 ? `${format.count(part)} · ${format.share(part, figures.people)}` : format.count(part);
  const rows = [
    ["scans", format.count(figures.scans)],
    ["follows", format.count(figures.follows)],
    ["people", format.count(figures.people)],
    ["newPeople", share(figures.new_people)],
    ["lost24h", share(figures.lost_24h)],
    ["lost7d", share(figures.lost_7d)],
    ["lost30d", share(figures.lost_30d)],
    ["payers", share(figures.payers)],
    ["revenue", format.money(figures.revenue, figures.currency)],
  ] as const;
  return (
    <dl className={styles.totals}>
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{t(`codes.figure.${key}`)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Days({ days }: { days: CodeStatistics["days"] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { opacity: 0.08 } } },
      xAxis: {
        type: "category",
        data: days.map((day) => formatCalendarDate(day.date, tag)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: palette.muted, formatter: (value: number) => format.axis(value) },
        splitLine: { lineStyle: { color: palette.line } },
        splitNumber: 3,
      },
      series: [["scans", palette.amber] as const, ["follows", palette.jade] as const].map(
        ([name, color]) => ({
          type: "bar",
          name: t(`codes.figure.${name}`),
          barMaxWidth: 12,
          itemStyle: { color, borderRadius: [3, 3, 0, 0] },
          data: days.map((day) => day[name]),
        }),
      ),
    }),
    [days, tag, format, t],
  );
  return <Chart option={option} height={180} label={t("codes.chart")} />;
}
