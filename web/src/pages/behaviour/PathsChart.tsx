import { useCallback } from "react";
import type { PathPoint, PathsAnswer } from "../../api/behaviour";
import { Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import { pointKey, pointsOf } from "./paths";
import { usePointName } from "./usePointName";

interface Props {
  answer: PathsAnswer;
  onPick: (step: number, at: PathPoint, next: PathPoint | null) => void;
}

/** Paths as rivers from left to right; a river or a point leads to its people. */
export function PathsChart({ answer, onPick }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const pointName = usePointName();
  const option = useCallback(
    (palette: Palette) => {
      const colour = { name: palette.jade, other: palette.muted, end: palette.line };
      return {
        tooltip: { trigger: "item", valueFormatter: (value: unknown) => format.count(Number(value)) },
        series: [
          {
            type: "sankey",
            left: 4,
            right: 110,
            top: 8,
            bottom: 8,
            nodeAlign: "left",
            draggable: false,
            lineStyle: { color: "source", opacity: 0.25 },
            label: {
              color: palette.ink,
              width: 100,
              overflow: "truncate",
              formatter: ({ data }: { data: { shown: string } }) => data.shown,
            },
            data: pointsOf(answer).flatMap((points, step) =>
              points.map(({ at }) => ({
                name: pointKey(step, at),
                shown: pointName(at),
                depth: step,
                at,
                step,
                itemStyle: { color: colour[at.kind] },
              })),
            ),
            links: answer.flows.flatMap(({ step, at, next, people }) =>
              next
                ? [
                    {
                      source: pointKey(step, at),
                      target: pointKey(step + 1, next),
                      value: people,
                      at,
                      next,
                      step,
                    },
                  ]
                : [],
            ),
          },
        ],
      };
    },
    [answer, format, pointName],
  );
  const pick = useCallback(
    ({ data }: { data?: unknown }) => {
      const { step, at, next } = data as { step: number; at: PathPoint; next?: PathPoint };
      onPick(step, at, next ?? null);
    },
    [onPick],
  );
  return (
    <Chart
      option={option}
      height={340}
      label={t("behaviour.chart", { name: t("behaviour.tab.paths") })}
      onPick={pick}
    />
  );
}
