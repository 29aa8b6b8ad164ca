import { useCallback } from "react";
import { useI18n } from "../../i18n";

/** What a role is called: those built in have words here, a brand's own bring their name. */
export function useRoleName(): (role: string, name?: string | null) => string {
  const { t, has } = useI18n();
  return useCallback(
    (role, name) => {
      const key = `role.${role}`;
      return name ?? (has(key) ? t(key) : role);
    },
    [t, has],
  );
}
