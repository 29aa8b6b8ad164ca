import type { PathPoint, PathsAnswer } from "../../api/behaviour";

export interface PointFigure {
  at: PathPoint;
  people: number;
}

/** People at each point of each step, most people first; flows from one point add up to it. */
export function pointsOf(answer: Pick<PathsAnswer, "flows">): PointFigure[][] {
  const steps: Map<string, PointFigure>[] = [];
  for (const { step, at, people } of answer.flows) {
    steps[step] ??= new Map();
    const key = `${at.kind}:${at.name}`;
    const found = steps[step].get(key) ?? { at, people: 0 };
    steps[step].set(key, { at, people: found.people + people });
  }
  return steps.map((points) => [...points.values()].sort((left, right) => right.people - left.people));
}

/** A point's own name in the drawing: the same event at two steps is two points. */
export const pointKey = (step: number, at: PathPoint) => `${step}|${at.kind}|${at.name}`;
