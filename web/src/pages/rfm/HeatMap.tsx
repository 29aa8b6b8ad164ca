import { useCallback } from "react";
import type { RfmSummary } from "../../api/types";
import { Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";

const DARK_FROM = 0.45;
const SCORES = ["1", "2", "3", "4", "5"];

/** Where the people are: across, how recently they bought; upwards, how often. */
export function HeatMap({ matrix }: { matrix: RfmSummary["matrix"] }) {
  const { t } = useI18n();
  const format = useFormat();
  const most = Math.max(1, ...matrix.map((cell) => cell.people));
  const option = useCallback(
    (palette: Palette) => ({
      grid: { left: 44, right: 10, top: 8, bottom: 46 },
      tooltip: {
        formatter: ({ value: [r, f, people] }: { value: [number, number, number] }) =>
          `R${r + 1} · F${f + 1}<br/><b>${t("people.total", { count: format.count(people), n: people })}</b>`,
      },
      xAxis: axis(t("rfm.recency"), palette),
      yAxis: axis(t("rfm.frequencyScore"), palette),
      visualMap: {
        show: false,
        min: 0,
        max: most,
        inRange: { color: [palette.jadeSoft, palette.jade] },
      },
      series: [
        {
          type: "heatmap",
          data: matrix.map((cell) => ({
            value: [cell.r - 1, cell.f - 1, cell.people],
            // Dark cells carry the colour of the page, light ones its ink.
            label: { color: cell.people > most * DARK_FROM ? palette.surface : palette.ink },
          })),
          itemStyle: { borderColor: palette.surface, borderWidth: 3, borderRadius: 7 },
          emphasis: { itemStyle: { borderColor: palette.ink, borderWidth: 1.5 } },
          label: {
            show: true,
            formatter: ({ value }: { value: number[] }) => format.compact(value[2] ?? 0),
            fontWeight: 500,
          },
        },
      ],
    }),
    [matrix, most, t, format],
  );
  return (
    <Panel title={t("rfm.heat")} extra={t("rfm.heat.hint")} testId="rfm-heat">
      <Chart option={option} height={340} label={t("rfm.heat.label")} />
    </Panel>
  );
}

function axis(name: string, palette: Palette) {
  return {
    type: "category",
    data: SCORES,
    name,
    nameLocation: "middle",
    nameGap: 26,
    nameTextStyle: { color: palette.muted },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: palette.muted },
  };
}
