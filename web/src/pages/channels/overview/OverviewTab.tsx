import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import type { TabProps } from "../ChannelPage";
import styles from "../channels.module.css";
import { AccountFacts } from "./AccountFacts";
import { ConnectionCheck } from "./ConnectionCheck";

export function OverviewTab({ account }: TabProps) {
  const { t } = useI18n();
  return (
    <div className={styles.stack}>
      <Panel title={t("channel.account")}>
        <AccountFacts account={account} />
      </Panel>
      <ConnectionCheck account={account} />
    </div>
  );
}
