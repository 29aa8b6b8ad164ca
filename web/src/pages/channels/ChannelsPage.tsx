import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { miniProgramsQuery, officialAccountsQuery } from "../../api/channels";
import { type Gateway, type GatewayChannel, gatewaysQuery } from "../../api/gateways";
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
import { GatewayCard } from "./gateways/GatewayCard";
import { GatewayForm } from "./gateways/GatewayForm";
import { CONNECT } from "./gateways/kinds";
import { Heard } from "./Heard";

export default function ChannelsPage() {
  const { t } = useI18n();
  const official = useQuery(officialAccountsQuery);
  const mini = useQuery(miniProgramsQuery);
  const corps = useQuery(corpsQuery);
  const gateways = useQuery(gatewaysQuery);
  const [gateway, setGateway] = useState<GatewayChannel>();
  const [product, setProduct] = useState<Product>("official");
  const [connectingCorp, setConnectingCorp] = useState(false);
  const [connecting, setConnecting] = useState(false);
  const connect = (wanted: Product) => {
    setProduct(wanted);
    setConnecting(true);
  };
  const asked = [official, mini, corps, gateways];
  const error = asked.find((one) => one.error)?.error;
  const refetch = () => Promise.all(asked.map((one) => one.refetch()));
  const accounts: (ChannelAccount | Corp | Gateway)[] | undefined = official.data &&
    mini.data &&
    corps.data &&
    gateways.data && [
      ...official.data.items,
      ...mini.data.items,
      ...corps.data.items,
      ...gateways.data.items,
    ];
  return (
    <Page
      title={t("nav.channels")}
      lead={t("channels.lead")}
      actions={
        <>
          <Dropdown
            menu={{
              items: GATEWAYS.map((channel) => ({ key: channel, label: t(CONNECT[channel]) })),
              onClick: ({ key }) => setGateway(key as GatewayChannel),
            }}
          >
            <Button>{t("gateway.connect")}</Button>
          </Dropdown>
          <Button onClick={() => setConnectingCorp(true)}>{t("corp.connect")}</Button>
          <Button onClick={() => connect("mini")}>{t("channels.connectMini")}</Button>
          <Button type="primary" onClick={() => connect("official")}>
            {t("channels.connect")}
          </Button>
        </>
      }
    >
      {error && !accounts && <ErrorNotice error={error} onRetry={refetch} />}
      {!accounts && !error && <PanelSkeleton />}
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
              <Card account={account} />
            </li>
          ))}
        </ul>
      )}
      <CorpForm open={connectingCorp} onClose={() => setConnectingCorp(false)} />
      {GATEWAYS.map((channel) => (
        <GatewayForm
          key={channel}
          channel={channel}
          open={gateway === channel}
          onClose={() => setGateway(undefined)}
        />
      ))}
      <ConnectForm product={product} open={connecting} onClose={() => setConnecting(false)} />
    </Page>
  );
}

const GATEWAYS = Object.keys(CONNECT) as GatewayChannel[];

function Card({ account }: { account: ChannelAccount | Corp | Gateway }) {
  if ("settings" in account) return <GatewayCard gateway={account} />;
  return "corp_id" in account ? <CorpCard corp={account} /> : <AccountCard account={account} />;
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
