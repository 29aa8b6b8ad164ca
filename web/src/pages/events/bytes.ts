const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** A number of bytes as people say it: 1024 of one unit are the next. */
export function inUnits(bytes: number): string {
  let rest = bytes;
  let unit = 0;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)} ${UNITS[unit]}`;
}
