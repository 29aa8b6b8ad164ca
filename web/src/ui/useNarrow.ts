import { useMedia } from "./useMedia";

/** Below this, what needs a wide canvas is shown as a list. */
const NARROW = "(max-width: 599.98px)";

/** Whether the window is as narrow as a phone held upright. */
export function useNarrow(): boolean {
  return useMedia(NARROW);
}
