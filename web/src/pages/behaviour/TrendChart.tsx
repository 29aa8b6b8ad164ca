import { useCallback, useMemo } from "react";
import type { TrendAnswer, TrendQuery, TrendSeries } from "../../api/behaviour";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { useDayMarks } from "../../charts/useDayMarks";
import { formatCalendarDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import { useGroupName } from "./useGroupName";

const GROUPS_DRAWN = 5;
const numberOf = (value: string | null) => (value === null ? null : Number(value));

interface TrendChartProps {
  asked: TrendQuery;
  answer: TrendAnswer;
  onPick: (bucket: string) => void;
}

/** This period as a line, the one before dashed, and the largest groups. */
export function TrendChart({ asked, answer, onPick }: TrendChartProps) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const groupName = useGroupName();
  const { total, previous, groups } = answer;
  const days = useMemo(() => total.buckets.map((bucket) => bucket.bucket), [total]);
  const marks = useDayMarks(days);
  const option = useCallback(
    (palette: Palette) => {
      const line = (name: string, series: TrendSeries, color: string, type: "solid" | "dashed") => ({
        name,
        type: "line",
        showSymbol: series.buckets.length < 40,
        connectNulls: false,
        lineStyle: { color, width: 2, type },
        itemStyle: { color },
        data: series.buckets.map((bucket) => numberOf(bucket.value)),
      });
      const colors = [palette.blue, palette.amber, palette.red, palette.muted, palette.ink];
      return {
        grid: CHART_GRID,
        tooltip: {
          trigger: "axis",
          valueFormatter: (value: unknown) =>
            value === null || value === undefined ? "–" : format.decimal(Number(value), 4),
        },
        xAxis: {
          type: "category",
          data: total.buckets.map((bucket) => formatCalendarDate(bucket.bucket, tag)),
          axisLine: { lineStyle: { color: palette.line } },
          axisTick: { show: false },
          axisLabel: { color: palette.muted, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          axisLabel: { color: palette.muted, formatter: (value: number) => format.axis(value) },
          splitLine: { lineStyle: { color: palette.line } },
          splitNumber: 4,
        },
        series: [
          { ...line(t("behaviour.current"), total, palette.jade, "solid"), ...marks(palette) },
          ...(previous ? [line(t("behaviour.previous"), previous, palette.muted, "dashed")] : []),
          ...groups
            .slice(0, GROUPS_DRAWN)
            .map((series, index) =>
              line(groupName(series.group, asked.breakdown), series, colors[index] ?? palette.ink, "solid"),
            ),
        ],
      };
    },
    [asked, total, previous, groups, marks, format, groupName, t, tag],
  );
  const pick = useCallback(
    ({ dataIndex }: { dataIndex: number }) => {
      const bucket = total.buckets[dataIndex]?.bucket;
      if (bucket) onPick(bucket);
    },
    [total, onPick],
  );
  const name = t(`behaviour.measure.${asked.measure ?? "events"}`);
  return <Chart option={option} height={280} label={t("behaviour.chart", { name })} onPick={pick} />;
}
