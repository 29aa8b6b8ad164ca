/** The shape of a series in a few pixels; the figures themselves stand beside it. */
export function Sparkline({ values, color = "var(--jade)" }: { values: readonly number[]; color?: string }) {
  if (values.length < 2) return null;
  const width = 120;
  const height = 32;
  const peak = Math.max(...values, 1);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width;
    const y = height - 2 - (value / peak) * (height - 6);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${points.join("L")}`;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width="100%"
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={`${line}L${width} ${height}L0 ${height}Z`} fill={color} opacity="0.1" />
      <path
        d={line}
        fill="none"
        stroke={color}
        strokeWidth="1.6"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}
