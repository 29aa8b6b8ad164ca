import { CheckCircleFilled, CloseCircleFilled, MinusCircleFilled } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { checkOfficialAccount, officialAccountsQuery } from "../../api/queries";
import type { ChannelCheck, OfficialAccount } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { AccountFacts } from "./AccountFacts";
import { ConnectForm } from "./ConnectForm";
import styles from "./channels.module.css";

export default function ChannelsPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(officialAccountsQuery);
  const [connecting, setConnecting] = useState(false);
  const accounts = data?.items;
  return (
    <Page
      title={t("nav.channels")}
      lead={t("channels.lead")}
      actions={
        <Button type="primary" onClick={() => setConnecting(true)}>
          {t("channels.connect")}
        </Button>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {accounts?.length === 0 && (
        <Panel>
          <EmptyState
            title={t("channels.empty")}
            action={<Button onClick={() => setConnecting(true)}>{t("channels.connect")}</Button>}
          >
            {t("channels.empty.text")}
          </EmptyState>
        </Panel>
      )}
      {accounts?.map((account) => (
        <Account key={account.id} account={account} />
      ))}
      <ConnectForm open={connecting} onClose={() => setConnecting(false)} />
    </Page>
  );
}

function Account({ account }: { account: OfficialAccount }) {
  const { t } = useI18n();
  const check = useMutation({ mutationFn: () => checkOfficialAccount(account.id) });
  return (
    <Panel
      testId="official-account"
      title={
        <span className={styles.title}>
          {account.name} <Heard account={account} />
        </span>
      }
      extra={
        <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
          {t("channels.check")}
        </Button>
      }
    >
      <AccountFacts account={account} />
      {check.error && <ErrorNotice error={check.error} onRetry={() => check.mutate()} />}
      {check.data && <Checks checks={check.data.checks} />}
    </Panel>
  );
}

/** Whether the platform has ever called us: the one sign that the connection works both ways. */
function Heard({ account }: { account: OfficialAccount }) {
  const { t } = useI18n();
  const ago = useAgo();
  const at = account.last_callback_at;
  return (
    <Tag tone={at ? "jade" : "amber"}>
      {at ? t("channels.heard", { ago: ago(at) }) : t("channels.silent")}
    </Tag>
  );
}

function Checks({ checks }: { checks: readonly ChannelCheck[] }) {
  const { t, locale } = useI18n();
  return (
    <ul className={styles.checks} aria-label={t("channels.check")} data-testid="channel-checks">
      {checks.map((check) => (
        <li key={check.name}>
          <Mark ok={check.ok} />
          <span>{locale === "zh" ? check.detail_zh : check.detail_en}</span>
        </li>
      ))}
    </ul>
  );
}

function Mark({ ok }: { ok: boolean | null }) {
  const { t } = useI18n();
  if (ok === null)
    return <MinusCircleFilled style={{ color: "var(--ink-3)" }} aria-label={t("channels.unchecked")} />;
  return ok ? (
    <CheckCircleFilled style={{ color: "var(--jade)" }} aria-label={t("channels.ok")} />
  ) : (
    <CloseCircleFilled style={{ color: "var(--red)" }} aria-label={t("channels.notOk")} />
  );
}
