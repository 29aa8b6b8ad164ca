import { useCallback, useMemo } from "react";
import type { Overview } from "../../api/types";
import { useZone } from "../../app/session";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { wholeMinutes } from "./series";

export function EventsPanel({ overview }: { overview: Overview }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const minutes = useMemo(() => wholeMinutes(overview.events.per_minute), [overview.events.per_minute]);
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => format.count(Number(value)) },
      xAxis: {
        type: "category",
        boundaryGap: false,
        data: minutes.map((minute) => formatTime(minute.at, zone)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, interval: 9, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: palette.muted, formatter: (value: number) => format.compact(value) },
        splitLine: { lineStyle: { color: palette.line } },
        splitNumber: 4,
      },
      series: [
        {
          name: t("overview.events"),
          type: "line",
          smooth: 0.25,
          showSymbol: false,
          lineStyle: { color: palette.jade, width: 2 },
          itemStyle: { color: palette.jade },
          areaStyle: { color: palette.jade, opacity: 0.1 },
          data: minutes.map((minute) => minute.count),
        },
      ],
    }),
    [minutes, zone, format, t],
  );
  return (
    <Panel title={t("overview.eventsPerMinute")} extra={t("overview.lastHour")} testId="panel-events">
      <Chart option={option} height={236} label={t("overview.eventsPerMinute")} />
    </Panel>
  );
}
