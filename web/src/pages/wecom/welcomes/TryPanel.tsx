import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { tryWelcome, type WelcomeDraft, type WelcomeTrialOutcome } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PhoneView } from "./PhoneView";
import styles from "./welcomes.module.css";

interface TryPanelProps {
  draft: WelcomeDraft;
  /** Whether the server could read the draft. */
  isWhole: boolean;
}

/** The welcome on a phone: as it is written, and rendered for a real customer on demand. */
export function TryPanel({ draft, isWhole }: TryPanelProps) {
  const { t } = useI18n();
  const [staff, setStaff] = useState("");
  const [customer, setCustomer] = useState("");
  const trial = useMutation({
    mutationFn: () => tryWelcome({ draft, slot: "", variant: "", staff, customer }),
  });
  return (
    <Panel title={t("wecom.welcomes.preview")} className={styles.aside} testId="welcome-try">
      <small className="muted">{t("wecom.welcomes.try.hint")}</small>
      <Input
        aria-label={t("wecom.welcomes.try.staff")}
        placeholder={t("wecom.welcomes.try.staff")}
        value={staff}
        onChange={(event) => setStaff(event.target.value.trim())}
      />
      <Input
        aria-label={t("wecom.welcomes.try.customer")}
        placeholder={t("wecom.welcomes.try.customer")}
        value={customer}
        onChange={(event) => setCustomer(event.target.value.trim())}
      />
      <Button loading={trial.isPending} disabled={!isWhole} onClick={() => trial.mutate()}>
        {t("wecom.welcomes.try")}
      </Button>
      {trial.error && <ErrorNotice error={trial.error} />}
      <div aria-live="polite">
        <PhoneView draft={draft} outcome={trial.data} />
        {trial.data && <Notes outcome={trial.data} asked={customer !== ""} />}
      </div>
    </Panel>
  );
}

function Notes({ outcome, asked }: { outcome: WelcomeTrialOutcome; asked: boolean }) {
  const { t, locale } = useI18n();
  const fallback = locale === "zh" ? outcome.fallback_zh : outcome.fallback_en;
  return (
    <>
      {asked && !outcome.customer_found && <small>{t("wecom.welcomes.try.unknown")}</small>}
      {outcome.blocked && (
        <small role="alert" className={styles.over}>
          {t("wecom.welcomes.try.blocked", { word: outcome.blocked })}
        </small>
      )}
      {fallback && <small>{fallback}</small>}
    </>
  );
}
