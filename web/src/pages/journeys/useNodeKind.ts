import { useCallback } from "react";
import { useI18n } from "../../i18n";

export function useNodeKind(): (kind: string) => string {
  const { t, has } = useI18n();
  return useCallback(
    (kind: string) => {
      const key = `nodeKind.${kind}`;
      return has(key) ? t(key) : kind;
    },
    [t, has],
  );
}
