import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { annotationsQuery } from "../api/dashboards";
import type { Palette } from "./palette";

/** Notes about days as upright lines in a chart whose buckets begin on these days. */
export function useDayMarks(buckets: readonly string[]): (palette: Palette) => object {
  const { data } = useQuery(annotationsQuery);
  return useMemo(() => {
    const marks = (data?.items ?? []).flatMap(({ day, text }) => {
      const place = buckets.findLastIndex((first) => first <= day);
      const isAfter = place === buckets.length - 1 && !isNear(buckets, day);
      return place < 0 || isAfter ? [] : [{ xAxis: place, name: text }];
    });
    return (palette: Palette) =>
      marks.length === 0
        ? {}
        : {
            markLine: {
              symbol: "none",
              silent: true,
              lineStyle: { color: palette.amber, type: "dotted" },
              label: {
                color: palette.amber,
                formatter: ({ name }: { name: string }) => name.slice(0, 12),
                position: "insideEndTop",
              },
              data: marks,
            },
          };
  }, [data, buckets]);
}

/** Whether a day lies within the last bucket, which is about as long as the one before it. */
function isNear(buckets: readonly string[], day: string): boolean {
  const [before, last] = buckets.slice(-2).map((first) => Date.parse(first));
  if (last === undefined || before === undefined) return buckets[0] === day;
  return Date.parse(day) < last + (last - before);
}
