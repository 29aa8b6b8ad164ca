import { useCallback, useMemo } from "react";
import type { MetricAnswer, MetricUnit } from "../../api/metrics";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { useDayMarks } from "../../charts/useDayMarks";
import { formatCalendarDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import { useMetricWords } from "./useMetricWords";

interface Props {
  name: string;
  answer: MetricAnswer;
  unit: MetricUnit;
  height?: number;
  onPick: (bucket: string) => void;
}

const COUNTS: ReadonlySet<MetricUnit> = new Set(["times", "people", "orders"]);
const numberOf = (value: string | null) => (value === null ? null : Number(value));

/** A metric from period to period; the days before are dashed. A point leads to its people. */
export function MetricChart({ name, answer, unit, height = 260, onPick }: Props) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const words = useMetricWords();
  const { current, previous, currency } = answer;
  const days = useMemo(() => current.buckets.map((bucket) => bucket.bucket), [current]);
  const marks = useDayMarks(days);
  const option = useCallback(
    (palette: Palette) => {
      const line = (title: string, series: typeof current, color: string, type: "solid" | "dashed") => ({
        name: title,
        type: "line",
        showSymbol: series.buckets.length < 40,
        connectNulls: false,
        lineStyle: { color, width: 2, type },
        itemStyle: { color },
        data: series.buckets.map((bucket) => numberOf(bucket.value)),
      });
      return {
        grid: CHART_GRID,
        tooltip: {
          trigger: "axis",
          valueFormatter: (value: unknown) =>
            words.value(value === null || value === undefined ? null : String(value), unit, currency),
        },
        xAxis: {
          type: "category",
          data: current.buckets.map((bucket) => formatCalendarDate(bucket.bucket, tag)),
          axisLine: { lineStyle: { color: palette.line } },
          axisTick: { show: false },
          axisLabel: { color: palette.muted, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          minInterval: COUNTS.has(unit) ? 1 : 0,
          axisLabel: {
            color: palette.muted,
            formatter: (value: number) => (unit === "share" ? format.share(value, 1) : format.axis(value)),
          },
          splitLine: { lineStyle: { color: palette.line } },
          splitNumber: 4,
        },
        series: [
          { ...line(t("behaviour.current"), current, palette.jade, "solid"), ...marks(palette) },
          ...(previous ? [line(t("behaviour.previous"), previous, palette.muted, "dashed")] : []),
        ],
      };
    },
    [current, previous, currency, unit, marks, words, format, t, tag],
  );
  const pick = useCallback(
    ({ dataIndex }: { dataIndex: number }) => {
      const bucket = current.buckets[dataIndex]?.bucket;
      if (bucket) onPick(bucket);
    },
    [current, onPick],
  );
  return <Chart option={option} height={height} label={t("behaviour.chart", { name })} onPick={pick} />;
}
