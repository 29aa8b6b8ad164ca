import { Link } from "react-router";
import { useI18n } from "../i18n";
import { EmptyState } from "../ui/EmptyState";

export function NotFound() {
  const { t } = useI18n();
  return (
    <EmptyState title={t("notFound.title")} action={<Link to="/">{t("notFound.home")}</Link>}>
      {t("notFound.text")}
    </EmptyState>
  );
}
