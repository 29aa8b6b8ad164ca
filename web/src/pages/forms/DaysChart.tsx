import { useCallback } from "react";
import type { FormResults } from "../../api/forms";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatCalendarDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";

const DAYS_MAX = 366;

/** How many answered on each day, those nobody answered on too. */
export function DaysChart({ days }: { days: FormResults["days"] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis", valueFormatter: (value: unknown) => format.count(Number(value)) },
      xAxis: {
        type: "category",
        data: days.map((one) => formatCalendarDate(one.day, tag)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: palette.muted, formatter: (value: number) => format.axis(value) },
        splitLine: { lineStyle: { color: palette.line } },
        splitNumber: 4,
      },
      series: [
        {
          name: t("forms.figure.answers"),
          type: "bar",
          barMaxWidth: 28,
          itemStyle: { color: palette.jade },
          data: days.map((one) => one.answers),
        },
      ],
    }),
    [days, format, t, tag],
  );
  const most = days.reduce<FormResults["days"][number] | undefined>(
    (best, one) => (best && best.answers >= one.answers ? best : one),
    undefined,
  );
  if (!most) return null;
  const said = t("forms.daily.most", {
    day: formatCalendarDate(most.day, tag),
    n: format.count(most.answers),
  });
  return (
    <Panel
      title={t("forms.daily")}
      extra={days.length < DAYS_MAX ? said : t("forms.daily.latest", { n: days.length })}
      testId="form-days"
    >
      <Chart option={option} height={220} label={`${t("forms.daily")}: ${said}`} />
    </Panel>
  );
}
