import { Button } from "antd";
import { useState } from "react";
import { checkMerchant } from "../../api/payments";
import type { Merchant } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { Panel } from "../../ui/Page";
import { CheckPanel } from "../channels/overview/ConnectionCheck";
import { MerchantForm } from "./MerchantForm";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";

export function MerchantsTab({ merchants }: TabProps) {
  const [changing, setChanging] = useState<Merchant | null>(null);
  return (
    <>
      <ul className={styles.merchants}>
        {merchants.map((merchant) => (
          <li key={merchant.id} className={styles.stack}>
            <MerchantCard merchant={merchant} onChange={() => setChanging(merchant)} />
          </li>
        ))}
      </ul>
      {changing && <MerchantForm merchant={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

function MerchantCard({ merchant, onChange }: { merchant: Merchant; onChange: () => void }) {
  const { t } = useI18n();
  const zone = useZone();
  const heard = merchant.last_notice_at;
  const facts = [
    [t("merchant.number"), merchant.mch_id],
    [
      t("merchant.mode"),
      t(merchant.public_key_id ? "merchant.mode.publicKey" : "merchant.mode.certificates"),
    ],
    [t("merchant.serial"), merchant.serial_no],
    [t("merchant.publicKeyId"), merchant.public_key_id],
    [t("merchant.heard"), heard ? formatDateTime(heard, zone) : t("merchant.heard.never")],
  ] as const;
  return (
    <>
      <Panel
        title={merchant.name}
        testId="merchant"
        extra={
          <Button size="small" onClick={onChange}>
            {t("merchant.change")}
          </Button>
        }
      >
        <dl className={styles.facts}>
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd className="num">{value}</dd>
                </div>
              ),
          )}
        </dl>
        <dl className={styles.facts}>
          <div>
            <dt>{t("merchant.notifyUrl")}</dt>
            <dd className={styles.copied}>
              <code className="mono">{merchant.notify_url}</code>
              <CopyButton text={merchant.notify_url} />
            </dd>
          </div>
        </dl>
        <p className="muted">{t("merchant.notifyUrl.text")}</p>
      </Panel>
      <CheckPanel text={t("merchant.check.text")} run={() => checkMerchant(merchant.id)} />
    </>
  );
}
