import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useCallback, useState } from "react";
import { sizesQuery } from "../../api/queries";
import { useZone } from "../../app/session";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "./segments.module.css";

const DAYS = [1, 7, 30, 90] as const;

/** How many members there were, and who came and went, one point an hour. */
export function SizeChart({ id }: { id: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const [days, setDays] = useState<number>(7);
  const { data, error, refetch } = useQuery(sizesQuery(id, days));
  const option = useCallback(
    (palette: Palette) => {
      const points = data?.items ?? [];
      const line = { lineStyle: { color: palette.line } };
      const axis = { type: "value", minInterval: 1, axisLabel: { color: palette.muted }, splitLine: line };
      return {
        grid: { ...CHART_GRID, top: 34 },
        legend: { top: 0, left: 0, textStyle: { color: palette.ink } },
        tooltip: { trigger: "axis", valueFormatter: (value: unknown) => format.count(Number(value)) },
        xAxis: {
          type: "category",
          data: points.map((point) => formatDateTime(point.at, zone)),
          axisLine: line,
          axisTick: { show: false },
          axisLabel: { color: palette.muted, hideOverlap: true },
        },
        yAxis: [axis, { ...axis, splitLine: { show: false } }],
        series: [
          {
            name: t("sizes.members"),
            type: "line",
            showSymbol: points.length < 2,
            lineStyle: { color: palette.jade, width: 2 },
            itemStyle: { color: palette.jade },
            areaStyle: { color: palette.jade, opacity: 0.1 },
            data: points.map((point) => point.count),
          },
          ...(["entered", "left"] as const).map((side) => ({
            name: t(`sizes.${side}`),
            type: "bar",
            yAxisIndex: 1,
            stack: "moves",
            barMaxWidth: 14,
            itemStyle: { color: side === "entered" ? palette.jade : palette.red, opacity: 0.45 },
            data: points.map((point) => point[side]),
          })),
        ],
      };
    },
    [data, format, zone, t],
  );
  return (
    <div className={styles.explanation}>
      <Segmented
        value={days}
        onChange={setDays}
        options={DAYS.map((n) => ({ value: n, label: t("sizes.days", { n }) }))}
      />
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {!error && !data && <Bone height={260} />}
      {data?.items.length === 0 && <EmptyState title={t("sizes.empty")}>{t("sizes.empty.text")}</EmptyState>}
      {data !== undefined && data.items.length > 0 && (
        <Chart option={option} height={260} label={t("sizes.tab")} />
      )}
    </div>
  );
}
