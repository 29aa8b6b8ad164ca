import { useSession } from "../../app/session";
import { useI18n } from "../../i18n";
import { Page, Panel } from "../../ui/Page";
import { ConnectPanel } from "../sources/ConnectPanel";
import { ModelPanel } from "./ModelPanel";
import styles from "./settings.module.css";

export default function SettingsPage() {
  const { t } = useI18n();
  return (
    <Page title={t("nav.settings")}>
      <BrandPanel />
      <ConnectPanel />
      <ModelPanel />
    </Page>
  );
}

function BrandPanel() {
  const { t } = useI18n();
  const { session } = useSession();
  const { brand, version } = session;
  const facts = [
    [t("settings.brand"), brand.name],
    [t("settings.zone"), brand.time_zone],
    [t("settings.currency"), brand.currency],
    [t("settings.version"), version],
  ];
  return (
    <Panel title={t("settings.brandTitle")} testId="settings-brand">
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
