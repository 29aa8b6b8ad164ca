import type { Overview } from "../../api/types";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { isHistoryBehind } from "./health";

/** How far history is behind, in words; `null` while it keeps up. */
export function useBehind({ pipeline }: Overview): string | null {
  const { t, tag } = useI18n();
  if (!isHistoryBehind(pipeline)) return null;
  if (!pipeline.warehouse_available) return t("overview.historyAway");
  return t("overview.behind", { time: formatDuration(pipeline.lag_s, tag) });
}
