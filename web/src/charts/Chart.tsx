import { lazy, Suspense } from "react";
import { Bone } from "../ui/PageSkeleton";
import type { EChartProps } from "./EChart";

const EChart = lazy(() => import("./EChart"));

/** Room for axis labels on both sides, and no more. */
export const CHART_GRID = { left: 6, right: 14, top: 14, bottom: 2, containLabel: true };

/** A chart whose library arrives after the figures around it are already readable. */
export function Chart(props: EChartProps) {
  return (
    <Suspense fallback={<Bone height={props.height} />}>
      <EChart {...props} />
    </Suspense>
  );
}
