import type { OfficialAccount } from "../../api/types";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { useFormat } from "../../ui/useFormat";
import styles from "./channels.module.css";

export function AccountFacts({ account }: { account: OfficialAccount }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>AppID</dt>
        <dd className="mono">{account.app_id}</dd>
      </div>
      {account.followers !== undefined && (
        <div>
          <dt>{t("overview.followers")}</dt>
          <dd className="num">{format.count(account.followers)}</dd>
        </div>
      )}
      <div>
        <dt>{t("channels.callback")}</dt>
        <dd className={styles.address}>
          <code className="mono">{account.callback_url}</code> <CopyButton text={account.callback_url} />
        </dd>
      </div>
    </dl>
  );
}
