import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { miniProgramsQuery, officialAccountsQuery } from "../../api/channels";
import type { ChannelAccount } from "../../api/types";
import { type Corp, corpsQuery } from "../../api/wecom/corps";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { CorpForm } from "../wecom/corps/CorpForm";
import { ConnectForm, type Product } from "./ConnectForm";
import styles from "./channels.module.css";
import { Heard } from "./Heard";

export default function ChannelsPage() {
  const { t } = useI18n();
  const official = useQuery(officialAccountsQuery);
  const mini = useQuery(miniProgramsQuery);
  const corps = useQuery(corpsQuery);
  const [product, setProduct] = useState<Product>("official");
  const [connectingCorp, setConnectingCorp] = useState(false);
  const [connecting, setConnecting] = useState(false);
  const connect = (wanted: Product) => {
    setProduct(wanted);
    setConnecting(true);
  };
  const error = official.error ?? mini.error ?? corps.error;
  const refetch = () => Promise.all([official.refetch(), mini.refetch(), corps.refetch()]);
  const data = official.data && mini.data && corps.data;
  const accounts: (ChannelAccount | Corp)[] | undefined = official.data &&
    mini.data &&
    corps.data && [...official.data.items, ...mini.data.items, ...corps.data.items];
  return (
    <Page
      title={t("nav.channels")}
      lead={t("channels.lead")}
      actions={
        <>
          <Button onClick={() => setConnectingCorp(true)}>{t("corp.connect")}</Button>
          <Button onClick={() => connect("mini")}>{t("channels.connectMini")}</Button>
          <Button type="primary" onClick={() => connect("official")}>
            {t("channels.connect")}
          </Button>
        </>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {accounts?.length === 0 && (
        <Panel>
          <EmptyState
            title={t("channels.empty")}
            action={<Button onClick={() => connect("official")}>{t("channels.connect")}</Button>}
          >
            {t("channels.empty.text")}
          </EmptyState>
        </Panel>
      )}
      {accounts && accounts.length > 0 && (
        <ul className={styles.accounts}>
          {accounts.map((account) => (
            <li key={account.id}>
              {"corp_id" in account ? <CorpCard corp={account} /> : <AccountCard account={account} />}
            </li>
          ))}
        </ul>
      )}
      <CorpForm open={connectingCorp} onClose={() => setConnectingCorp(false)} />
      <ConnectForm product={product} open={connecting} onClose={() => setConnecting(false)} />
    </Page>
  );
}

function CorpCard({ corp }: { corp: Corp }) {
  const { t } = useI18n();
  return (
    <Panel testId="corp" className={styles.card}>
      <h2>
        <Link to={`/channels/${corp.id}`}>{corp.name || corp.corp_id}</Link>
      </h2>
      <p className="mono muted">
        {corp.corp_id} · {t("corp.kind")}
      </p>
      <p className={styles.cardFoot}>
        <Heard account={corp} />
      </p>
    </Panel>
  );
}

function AccountCard({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Panel testId={"people" in account ? "mini-program" : "official-account"} className={styles.card}>
      <h2>
        <Link to={`/channels/${account.id}`}>{account.name || account.app_id}</Link>
      </h2>
      <p className="mono muted">
        {account.app_id} · {t("people" in account ? "channels.kind.mini" : "channels.kind.official")}
      </p>
      <p className={styles.cardFoot}>
        <Heard account={account} />
        <span className="num">
          {"people" in account
            ? t("channels.people", { count: format.count(account.people), n: account.people })
            : t("channels.followers", { count: format.count(account.followers), n: account.followers })}
        </span>
      </p>
    </Panel>
  );
}
