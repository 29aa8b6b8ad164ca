import type { ChannelAccount } from "../../../api/types";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { useFormat } from "../../../ui/useFormat";
import styles from "../channels.module.css";

export function AccountFacts({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>AppID</dt>
        <dd className="mono">{account.app_id}</dd>
      </div>
      {"people" in account ? (
        <>
          <div>
            <dt>{t("channels.people.known")}</dt>
            <dd className="num">{format.count(account.people)}</dd>
          </div>
          <div>
            <dt>{t("channels.mode")}</dt>
            <dd>
              {t(`channels.mode.${account.mode}`)} · {account.data_format.toUpperCase()}
            </dd>
          </div>
          <div>
            <dt>{t("channels.handsOver")}</dt>
            <dd>{t(account.hands_over ? "channels.handsOver.yes" : "channels.handsOver.no")}</dd>
          </div>
        </>
      ) : (
        <div>
          <dt>{t("overview.followers")}</dt>
          <dd className="num">{format.count(account.followers)}</dd>
        </div>
      )}
      <div>
        <dt>{t("channels.connectedAt")}</dt>
        <dd className="num">{formatDate(account.created_at, zone)}</dd>
      </div>
      <div>
        <dt>{t("channels.baseUrl.shown")}</dt>
        <dd className={styles.address}>
          <code className="mono">{account.base_url}</code>
        </dd>
      </div>
      <div>
        <dt>{t("channels.callback")}</dt>
        <dd className={styles.address}>
          <code className="mono">{account.callback_url}</code> <CopyButton text={account.callback_url} />
        </dd>
      </div>
    </dl>
  );
}
