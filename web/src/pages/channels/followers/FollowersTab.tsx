import { accountSyncs } from "../../../api/syncs";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";
import { SyncPanel } from "../../syncs/SyncPanel";
import type { TabProps } from "../ChannelPage";
import styles from "../channels.module.css";

export default function FollowersTab({ account }: TabProps) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div className={styles.stack}>
      <Panel title={t("overview.followers")}>
        <p className={`${styles.figure} num`} data-testid="followers-count">
          {format.count(account.followers)}
        </p>
        <p className="soft">{t("followers.text")}</p>
      </Panel>
      <SyncPanel source={accountSyncs(account.id)} kind="followers" />
    </div>
  );
}
