import { CloudServerOutlined, WarningOutlined } from "@ant-design/icons";
import { ApiError, Unreachable } from "../api/client";
import { type Translate, useI18n } from "../i18n";
import styles from "./ui.module.css";

function title(error: Error, t: Translate): string {
  if (error instanceof Unreachable) return t("error.unreachable");
  if (!(error instanceof ApiError)) return t("error.defect");
  if (error.status === 403) return t("error.forbidden");
  if (error.status === 404) return t("error.notFound");
  if (error.status === 429) return t("error.tooMany");
  return error.status >= 500 ? t("error.server") : t("error.refused");
}

/** What the server said, in the reader's language where it has one. */
export function errorText(error: Error, locale: "zh" | "en", t: Translate): string {
  if (error instanceof Unreachable) return t("error.unreachable.text");
  if (!(error instanceof ApiError)) return error.message;
  const { detail, detail_zh, title: name } = error.problem;
  return (locale === "zh" ? (detail_zh ?? detail) : detail) ?? name ?? t("error.noDetail");
}

export function ErrorNotice({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t, locale } = useI18n();
  const Icon = error instanceof Unreachable ? CloudServerOutlined : WarningOutlined;
  const code = error instanceof ApiError ? error.problem.code : undefined;
  return (
    <div role="alert" className={styles.error}>
      <Icon aria-hidden className={styles.errorIcon} />
      <div>
        <strong>{title(error, t)}</strong>
        <p>{errorText(error, locale, t)}</p>
        {code && <p className="muted mono">{code}</p>}
        {onRetry && (
          <button type="button" className={styles.linkButton} onClick={onRetry}>
            {t("error.retry")}
          </button>
        )}
      </div>
    </div>
  );
}
