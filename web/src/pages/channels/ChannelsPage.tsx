import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { officialAccountsQuery } from "../../api/channels";
import type { OfficialAccount } from "../../api/types";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { ConnectForm } from "./ConnectForm";
import styles from "./channels.module.css";
import { Heard } from "./Heard";

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
      {accounts && accounts.length > 0 && (
        <ul className={styles.accounts}>
          {accounts.map((account) => (
            <li key={account.id}>
              <AccountCard account={account} />
            </li>
          ))}
        </ul>
      )}
      <ConnectForm open={connecting} onClose={() => setConnecting(false)} />
    </Page>
  );
}

function AccountCard({ account }: { account: OfficialAccount }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Panel testId="official-account" className={styles.card}>
      <h2>
        <Link to={`/channels/${account.id}`}>{account.name || account.app_id}</Link>
      </h2>
      <p className="mono muted">{account.app_id}</p>
      <p className={styles.cardFoot}>
        <Heard account={account} />
        <span className="num">
          {t("channels.followers", { count: format.count(account.followers), n: account.followers })}
        </span>
      </p>
    </Panel>
  );
}
