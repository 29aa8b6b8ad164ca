import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useCallback, useState } from "react";
import { type LiveCodeFigures, liveCodeFiguresQuery } from "../../../api/wecom/codes";
import { useNow, useZone } from "../../../app/session";
import { CHART_GRID, Chart } from "../../../charts/Chart";
import type { Palette } from "../../../charts/palette";
import { dayKey, formatCalendarDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Bone } from "../../../ui/PageSkeleton";
import { useFormat } from "../../../ui/useFormat";
import { daysBefore } from "../../channels/codes/codes";
import styles from "./codes.module.css";

const RANGES = [7, 30, 90] as const;
type Range = (typeof RANGES)[number];

/** What a code brought in a period. */
export function Figures({ id }: { id: string }) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  const [range, setRange] = useState<Range>(30);
  const to = dayKey(now.toISOString(), zone);
  const from = daysBefore(to, range - 1);
  const { data, error, refetch } = useQuery(liveCodeFiguresQuery(id, from, to));
  return (
    <>
      <Segmented<Range>
        size="small"
        aria-label={t("wecom.codes.figures")}
        value={range}
        onChange={setRange}
        options={RANGES.map((days) => ({ value: days, label: t("wecom.codes.days", { days }) }))}
      />
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone height={120} />}
      {data && <Totals figures={data} />}
      {data && data.adds > 0 && <Days days={data.days} />}
      <small className="muted">{t("wecom.codes.figure.hint")}</small>
    </>
  );
}

function Totals({ figures }: { figures: LiveCodeFigures }) {
  const { t } = useI18n();
  const format = useFormat();
  const share = (part: number) =>
    figures.people > 0 ? `${format.count(part)} · ${format.share(part, figures.people)}` : format.count(part);
  const rows = [
    ["adds", format.count(figures.adds)],
    ["people", format.count(figures.people)],
    ["new", share(figures.new_customers)],
    ["existing", share(figures.existing_customers)],
    ["lost24h", share(figures.lost_24h)],
    ["lost7d", share(figures.lost_7d)],
    ["lost30d", share(figures.lost_30d)],
    ["payers", share(figures.payers)],
    ["gmv", format.money(figures.gmv, figures.currency)],
    ["overCap", format.count(figures.over_cap)],
  ] as const;
  return (
    <dl className={styles.totals}>
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{t(`wecom.codes.figure.${key}`)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Days({ days }: { days: LiveCodeFigures["days"] }) {
  const { t, tag } = useI18n();
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis" },
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
        axisLabel: { color: palette.muted },
        splitLine: { lineStyle: { color: palette.line } },
      },
      series: [
        {
          type: "bar",
          name: t("wecom.codes.figure.adds"),
          barMaxWidth: 14,
          itemStyle: { color: palette.jade, borderRadius: [3, 3, 0, 0] },
          data: days.map((day) => day.adds),
        },
      ],
    }),
    [days, tag, t],
  );
  return <Chart option={option} height={160} label={t("wecom.codes.chart")} />;
}
