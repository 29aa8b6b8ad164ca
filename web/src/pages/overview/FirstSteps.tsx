import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import styles from "./overview.module.css";

/** An empty brand: three doors through which the first facts come in. */
export function FirstSteps() {
  const { t } = useI18n();
  return (
    <Panel title={t("firstSteps.title")} testId="first-steps">
      <p className="soft">{t("firstSteps.text")}</p>
      <ol className={styles.steps}>
        <li>
          <Link to="/channels">{t("firstSteps.channel")}</Link>
          <p>{t("firstSteps.channel.text")}</p>
        </li>
        <li>
          <Link to="/imports">{t("firstSteps.import")}</Link>
          <p>{t("firstSteps.import.text")}</p>
        </li>
        <li>
          <Link to="/settings">{t("firstSteps.track")}</Link>
          <p>{t("firstSteps.track.text")}</p>
        </li>
      </ol>
    </Panel>
  );
}
