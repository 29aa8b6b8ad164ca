import type { Clip } from "./edits";

let kept: Clip = [];

/** Keep copied steps while the console is open, so that they can be put into another journey too. */
export function keepClip(clip: Clip): void {
  if (clip.length > 0) kept = clip;
}

export function keptClip(): Clip {
  return kept;
}
