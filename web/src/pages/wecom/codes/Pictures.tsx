import { Button } from "antd";
import { useState } from "react";
import { type LiveCode, liveCodeImage } from "../../../api/wecom/codes";
import { useSession } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import styles from "./codes.module.css";
import { drawPoster } from "./poster";

/** The picture to print, and the platform's own of the moment. */
export function Pictures({ code }: { code: LiveCode }) {
  const { t } = useI18n();
  const { session } = useSession();
  const [error, setError] = useState<Error | null>(null);
  const { row, way } = code;
  const poster = async () => {
    try {
      setError(null);
      await drawPoster({
        brand: session.brand.name,
        name: row.name,
        invitation: t("wecom.codes.poster.scan"),
        picture: liveCodeImage(row.id, "png", 20),
        file: `${row.name}.png`,
      });
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error(String(cause)));
    }
  };
  return (
    <Panel title={t("wecom.codes.pictures")} testId="live-code-pictures">
      <div className={styles.stack}>
        <div className={styles.picture}>
          <strong>{t("wecom.codes.landing")}</strong>
          <img src={liveCodeImage(row.id, "svg")} alt={t("wecom.codes.landing.alt", { name: row.name })} />
          <small className="muted">{t("wecom.codes.landing.hint")}</small>
          <div className={styles.row}>
            <Button href={liveCodeImage(row.id, "png", 20)} download={`${row.id}.png`}>
              {t("wecom.codes.download")}
            </Button>
            <Button onClick={poster}>{t("wecom.codes.poster")}</Button>
            <CopyButton text={row.landing_url} />
          </div>
          {error && <ErrorNotice error={error} />}
        </div>
        <div className={styles.picture}>
          <strong>{t("wecom.codes.platform")}</strong>
          {way.qr_code ? (
            <img
              src={way.qr_code}
              alt={t("wecom.codes.platform.alt", { name: row.name })}
              referrerPolicy="no-referrer"
            />
          ) : (
            <small className="muted">{t("wecom.codes.platform.none")}</small>
          )}
        </div>
      </div>
    </Panel>
  );
}
