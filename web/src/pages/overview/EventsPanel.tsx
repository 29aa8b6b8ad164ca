import { useCallback, useMemo } from "react";
import type { Overview } from "../../api/types";
import { useSession, useZone } from "../../app/session";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./overview.module.css";
import { wholeMinutes } from "./series";
import { useBehind } from "./useBehind";

export function EventsPanel({ overview }: { overview: Overview }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const { session } = useSession();
  const behind = useBehind(overview);
  const counted = useMemo(() => wholeMinutes(overview, session.clock_rate), [overview, session.clock_rate]);
  // The axis shows the whole hour; what history has not counted yet stays empty, which is not zero.
  const minutes = overview.events.per_minute.slice(0, -1);
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
          data: counted.map((minute) => minute.count),
        },
      ],
    }),
    [minutes, counted, zone, format, t],
  );
  return (
    <Panel
      title={t("overview.eventsPerMinute")}
      extra={behind ? <span className={styles.behind}>{behind}</span> : t("overview.lastHour")}
      testId="panel-events"
    >
      <Chart option={option} height={236} label={t("overview.eventsPerMinute")} />
    </Panel>
  );
}
