import { Button } from "antd";
import type { CallbackSetup } from "../../api/types";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import styles from "./channels.module.css";

interface CallbackSetupViewProps {
  setup: CallbackSetup;
  /** Where to enter the values. */
  text?: string;
  onDone: () => void;
}

/** The other half of connecting: four values to enter in the platform's console, shown this once. */
export function CallbackSetupView({ setup, text, onDone }: CallbackSetupViewProps) {
  const { t } = useI18n();
  const values = [
    [t("channels.callback"), setup.url],
    [t("channels.token"), setup.token],
    [t("channels.aesKey"), setup.encoding_aes_key],
    [t("channels.mode"), setup.mode ?? ""],
    [t("channels.dataFormat"), setup.data_format ?? ""],
  ] as const;
  return (
    <div data-testid="callback-setup">
      <p className="soft">{text ?? t("channels.setup.text")}</p>
      <dl className={styles.setup}>
        {values
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <code className="mono">{value}</code>
                <CopyButton text={value} />
              </dd>
            </div>
          ))}
      </dl>
      <Button type="primary" block onClick={onDone}>
        {t("channels.setup.done")}
      </Button>
    </div>
  );
}
