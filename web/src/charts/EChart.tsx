import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { useEffect, useRef } from "react";
import { useTheme } from "../app/theme";
import styles from "./charts.module.css";
import { init } from "./echarts";
import { type Palette, readPalette } from "./palette";

export interface EChartProps {
  /** Builds the option from the current colours; must be stable while the figures are. */
  option: (palette: Palette) => EChartsCoreOption;
  height: number;
  /** What the chart shows, in words, for those who do not see it. */
  label: string;
  onPick?: (point: { name: string; value: unknown; dataIndex: number; data?: unknown }) => void;
}

const BASE = { animationDuration: 300, animationDurationUpdate: 300 };

function withBase(option: EChartsCoreOption, palette: Palette, still: boolean): EChartsCoreOption {
  const tooltip = {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 13 },
    padding: [8, 12],
    confine: true,
    ...(option.tooltip as object),
  };
  return { ...BASE, animation: !still, textStyle: { fontFamily: "inherit" }, ...option, tooltip };
}

export default function EChart({ option, height, label, onPick }: EChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const { dark, still } = useTheme();

  useEffect(() => {
    if (!box.current) return;
    const created = init(box.current, null, { renderer: "svg" });
    chart.current = created;
    const observer = new ResizeObserver(() => created.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      created.dispose();
      chart.current = null;
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the theme changes.
  useEffect(() => {
    const palette = readPalette();
    chart.current?.setOption(withBase(option(palette), palette, still), {
      notMerge: false,
      lazyUpdate: true,
    });
  }, [option, dark, still]);

  useEffect(() => {
    const current = chart.current;
    if (!current || !onPick) return;
    current.on("click", onPick as (event: unknown) => void);
    return () => {
      current.off("click", onPick as (event: unknown) => void);
    };
  }, [onPick]);

  return (
    <div ref={box} role="img" aria-label={label} className={styles.chart} style={{ minHeight: height }} />
  );
}
