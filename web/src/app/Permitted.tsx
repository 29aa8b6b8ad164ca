import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { useI18n } from "../i18n";
import { EmptyState } from "../ui/EmptyState";
import { neededAt, PLACES } from "./places";
import { useMay, useSession } from "./session";

/** A page its reader may not see says what is missing, who can give it, and where they may go instead. */
export function Permitted({ children }: { children: ReactNode }) {
  const { t, has } = useI18n();
  const { pathname } = useLocation();
  const { session } = useSession();
  const may = useMay();
  const needed = neededAt(pathname);
  if (needed === null || may(needed)) return children;
  const open = PLACES.flatMap(({ places }) => places).filter(({ needs }) => may(needs));
  const roleKey = `role.${session.user.role}`;
  const role = has(roleKey) ? t(roleKey) : session.user.role;
  return (
    <EmptyState
      title={t("noPermission.title")}
      action={open.slice(0, 3).map(({ to, label }, number) => (
        <span key={to}>
          {number > 0 && " · "}
          <Link to={to}>{t(label)}</Link>
        </span>
      ))}
    >
      {t("noPermission.text", { role, permission: t(`permission.${needed}`) })}
    </EmptyState>
  );
}
