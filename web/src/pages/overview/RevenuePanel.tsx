import { useCallback } from "react";
import type { Overview } from "../../api/types";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatCalendarDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./overview.module.css";

export function RevenuePanel({ revenue }: { revenue: Overview["revenue"] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const { by_day: days, currency, others } = revenue;
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { opacity: 0.08 } },
        formatter: (points: { dataIndex: number }[]) => {
          const day = days[points[0]?.dataIndex ?? 0];
          if (!day) return "";
          const orders = t("overview.orders", { count: format.count(day.orders), n: day.orders });
          return `${day.date}<br/><b>${format.money(day.revenue, currency)}</b><br/>${orders}`;
        },
      },
      xAxis: {
        type: "category",
        data: days.map((day) => formatCalendarDate(day.date, tag)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        axisLabel: { color: palette.muted, formatter: (value: number) => format.axis(value) },
        splitLine: { lineStyle: { color: palette.line } },
        splitNumber: 3,
      },
      series: [
        {
          type: "bar",
          barMaxWidth: 18,
          itemStyle: { color: palette.amber, opacity: 0.82, borderRadius: [3, 3, 0, 0] },
          emphasis: { itemStyle: { opacity: 1 } },
          data: days.map((day) => Number(day.revenue)),
        },
      ],
    }),
    [days, currency, tag, format, t],
  );
  return (
    <Panel title={t("overview.revenueByDay")} extra={t("overview.last30days")} testId="panel-revenue">
      {days.some((day) => day.orders > 0) ? (
        <Chart option={option} height={236} label={t("overview.revenueByDay")} />
      ) : (
        <EmptyState title={t("overview.noOrders")}>
          {t(others.length > 0 ? "overview.noOrders.inCurrency" : "overview.noOrders.text", { currency })}
        </EmptyState>
      )}
      {others.length > 0 && (
        <p className={styles.others} data-testid="other-currencies">
          {t("overview.otherCurrencies")}
          {others.map((one) => (
            <span key={one.currency} className="num">
              {one.currency} {format.money(one.total, one.currency)}
            </span>
          ))}
        </p>
      )}
    </Panel>
  );
}
