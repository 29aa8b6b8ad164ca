import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { checkChain } from "../../api/audit";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./audit.module.css";

/** Whether the log is what was sealed, asked when somebody wants to know. */
export function Chain() {
  const { t, locale } = useI18n();
  const format = useFormat();
  const check = useMutation({ mutationFn: checkChain });
  const found = check.data;
  return (
    <Panel
      title={t("audit.chain")}
      extra={
        <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
          {t("audit.check")}
        </Button>
      }
    >
      <p className={styles.lead}>{t("audit.chain.text")}</p>
      {check.error && <ErrorNotice error={check.error} />}
      {found && !found.intact && (
        <p role="alert" className={styles.broken}>
          {locale === "zh" ? found.reason_zh : found.reason}
        </p>
      )}
      {found?.intact && (
        <div role="status" className={styles.intact}>
          <span>{t("audit.intact", { entries: format.count(found.entries) })}</span>
          {found.head_number > 0 && (
            <span className={styles.head}>
              <code>{`${found.head_number}:${found.head_digest}`}</code>
              <CopyButton text={`${found.head_number}:${found.head_digest}`} />
            </span>
          )}
        </div>
      )}
    </Panel>
  );
}
