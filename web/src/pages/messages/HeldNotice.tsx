import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import { holdQuery, releaseSending } from "../../api/queries";
import type { Hold } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./messages.module.css";

/** Says that all sending is held, what to look at first, and lets it go on. Nothing where it is not held. */
export function HeldNotice() {
  const { data } = useQuery(holdQuery);
  return data?.held ? <Held hold={data} /> : null;
}

function Held({ hold }: { hold: Hold }) {
  const { t } = useI18n();
  const zone = useZone();
  const queries = useQueryClient();
  const release = useMutation({
    mutationFn: releaseSending,
    onSuccess: () =>
      Promise.all(
        [["hold"], ["messages"], ["messages-summary"]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const isRestored = hold.reason === "restored";
  return (
    <Alert
      type="warning"
      showIcon
      data-testid="held"
      title={t(isRestored ? "hold.restored" : "hold.manual")}
      description={
        <div className={styles.held}>
          {isRestored && <Advice madeAt={hold.made_at ? formatDateTime(hold.made_at, zone) : "–"} />}
          <p>{t("hold.waiting", { count: hold.waiting, before: hold.waiting_since_before })}</p>
          {release.error && <ErrorNotice error={release.error} onRetry={release.reset} />}
          <div className={styles.heldActions}>
            <Sure text={t("hold.sure")} onSure={() => release.mutate(false)}>
              <Button type="primary" loading={release.isPending}>
                {t("hold.release")}
              </Button>
            </Sure>
            {hold.waiting_since_before > 0 && (
              <Sure text={t("hold.sureDrop")} onSure={() => release.mutate(true)}>
                <Button danger disabled={release.isPending}>
                  {t("hold.releaseDrop")}
                </Button>
              </Sure>
            )}
          </div>
        </div>
      }
    />
  );
}

function Advice({ madeAt }: { madeAt: string }) {
  const { t } = useI18n();
  return (
    <>
      <p>{t("hold.why", { at: madeAt })}</p>
      <ol>
        <li>{t("hold.check.journeys")}</li>
        <li>{t("hold.check.waiting")}</li>
        <li>{t("hold.check.consent")}</li>
      </ol>
    </>
  );
}

function Sure({
  text,
  onSure,
  children,
}: {
  text: string;
  onSure: () => void;
  children: React.ReactElement;
}) {
  const { t } = useI18n();
  return (
    <Popconfirm title={text} okText={t("hold.yes")} cancelText={t("hold.no")} onConfirm={onSure}>
      {children}
    </Popconfirm>
  );
}
