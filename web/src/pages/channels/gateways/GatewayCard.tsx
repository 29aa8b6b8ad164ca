import { Link } from "react-router";
import type { Gateway } from "../../../api/gateways";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import styles from "../channels.module.css";
import own from "./gateways.module.css";
import { keyOf } from "./kinds";

export function GatewayCard({ gateway }: { gateway: Gateway }) {
  const { t } = useI18n();
  const { settings } = gateway;
  const count = "app_id" in settings ? (settings.templates?.length ?? 0) : undefined;
  return (
    <Panel testId="gateway" className={styles.card}>
      <h2>
        <Link to={`/channels/${gateway.id}`}>{gateway.name || keyOf(gateway)}</Link>
      </h2>
      <p className={`mono muted ${own.long}`}>
        {keyOf(gateway)} · {t(`channel.${gateway.channel}`)}
      </p>
      {count !== undefined && (
        <p className={styles.cardFoot}>{t("gateway.sms.count", { count: String(count), n: count })}</p>
      )}
    </Panel>
  );
}
