import type { ChannelAccount } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import styles from "../channels.module.css";
import { AccountFacts } from "./AccountFacts";
import { CallbacksPanel } from "./CallbacksPanel";
import { ConnectionCheck } from "./ConnectionCheck";
import { HealthPanel } from "./HealthPanel";
import { QuotaPanel } from "./QuotaPanel";

export function OverviewTab({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  return (
    <div className={styles.stack}>
      <Panel title={t("channel.account")}>
        <AccountFacts account={account} />
      </Panel>
      <HealthPanel account={account} />
      <ConnectionCheck account={account} />
      <div className={styles.two}>
        <CallbacksPanel account={account} />
        <QuotaPanel account={account} />
      </div>
    </div>
  );
}
