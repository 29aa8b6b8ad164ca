import type { Notes } from "./api";

/** Only what the member changed is written: the rest may have changed in WeCom meanwhile. */
export function changesOf(
  notes: Notes,
  typed: { remark: string; description: string; mobiles: string },
): { remark?: string; description?: string; mobiles?: string[] } {
  const mobiles = typed.mobiles.split(/[\s,，;；]+/).filter(Boolean);
  return {
    ...(typed.remark !== notes.remark && { remark: typed.remark }),
    ...(typed.description !== notes.description && { description: typed.description }),
    ...(mobiles.join(" ") !== notes.mobiles.join(" ") && { mobiles }),
  };
}
