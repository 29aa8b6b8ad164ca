/** The arithmetic of the tables: shares of what the server counted. */

import type { RetentionAnswer } from "../../api/behaviour";

export interface StepFigure {
  step: number;
  reached: number;
  dropped: number;
  /** Share of the first step, and of the step before; 0 where nobody began. */
  ofFirst: number;
  ofPrevious: number;
}

/** What each step of a funnel says: who came, who stopped here. Whoever did the last step has not stopped. */
export function stepFigures(reached: readonly number[]): StepFigure[] {
  const first = reached[0] ?? 0;
  return reached.map((people, index) => {
    const previous = index === 0 ? people : (reached[index - 1] ?? 0);
    const isLast = index === reached.length - 1;
    return {
      step: index + 1,
      reached: people,
      dropped: isLast ? 0 : people - (reached[index + 1] ?? 0),
      ofFirst: first === 0 ? 0 : people / first,
      ofPrevious: previous === 0 ? 0 : people / previous,
    };
  });
}

/** The cell of a period, or nothing where it has not begun. */
export function cellOf(row: RetentionAnswer["cohorts"][number], n: number) {
  return row.cells.find((cell) => cell.n === n);
}

/** How much more than before, as a share of before; nothing where there was nothing. */
export function changeOf(now: string | null, before: string | null): number | null {
  const [current, earlier] = [Number(now ?? Number.NaN), Number(before ?? Number.NaN)];
  if (!Number.isFinite(current) || !Number.isFinite(earlier) || earlier === 0) return null;
  return (current - earlier) / Math.abs(earlier);
}
