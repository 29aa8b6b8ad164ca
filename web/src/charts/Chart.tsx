import { lazy, Suspense } from "react";
import { Bone } from "../ui/PageSkeleton";
import type { EChartProps } from "./EChart";

const EChart = lazy(() => import("./EChart"));

/** A chart whose library arrives after the figures around it are already readable. */
export function Chart(props: EChartProps) {
  return (
    <Suspense fallback={<Bone height={props.height} />}>
      <EChart {...props} />
    </Suspense>
  );
}
