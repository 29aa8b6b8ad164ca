import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { useI18n } from "../i18n";
import { useRoleName } from "../pages/members/words";
import { EmptyState } from "../ui/EmptyState";
import { neededAt, PLACES } from "./places";
import { useMay, useSession } from "./session";

/** A page its reader may not see says what is missing, who can give it, and where they may go instead. */
export function Permitted({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const { pathname } = useLocation();
  const { session } = useSession();
  const may = useMay();
  const role = useRoleName()(session.user.role, session.user.role_name);
  const needed = neededAt(pathname);
  if (needed === null || may(needed)) return children;
  const open = PLACES.flatMap(({ places }) => places).filter(({ needs }) => needs === null || may(needs));
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
