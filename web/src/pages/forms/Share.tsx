import { Input } from "antd";
import { useState } from "react";
import { type FormRow, formImage } from "../../api/forms";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { Panel } from "../../ui/Page";
import { Field } from "../channels/content/Field";
import styles from "./forms.module.css";

/** The link and the picture to print, for each source one of its own. */
export function Share({ row }: { row: FormRow }) {
  const { t } = useI18n();
  const [source, setSource] = useState("");
  const [campaign, setCampaign] = useState("");
  const marks = { s: source.trim(), c: campaign.trim() };
  const query = new URLSearchParams(Object.entries(marks).filter(([, value]) => value)).toString();
  const url = query ? `${row.url}?${query}` : row.url;
  const personal = `{{ forms.${row.id} }}`;
  return (
    <Panel>
      <div className={styles.share} data-testid="form-share">
        <img className={styles.picture} src={formImage(row.id, marks)} alt={t("forms.qr")} />
        <div className={styles.stack}>
          <Field label={t("forms.source")} hint={t("forms.source.hint")}>
            {(id) => (
              <Input
                id={id}
                maxLength={64}
                value={source}
                onChange={(event) => setSource(event.target.value)}
              />
            )}
          </Field>
          <Field label={t("forms.campaign")}>
            {(id) => (
              <Input
                id={id}
                maxLength={64}
                value={campaign}
                onChange={(event) => setCampaign(event.target.value)}
              />
            )}
          </Field>
          <span className={styles.address}>
            <span className="muted">{t("forms.link")}</span>{" "}
            <a href={url} target="_blank" rel="noreferrer" data-testid="form-url">
              {url}
            </a>{" "}
            <CopyButton text={url} />
          </span>
          <span className={styles.address}>
            <span className="muted">{t("forms.personalLink")}</span> <code>{personal}</code>{" "}
            <CopyButton text={personal} />
            <span className="muted">{t("forms.personalLink.hint")}</span>
          </span>
          <a href={formImage(row.id, { ...marks, scale: 30 })} download={`${row.name}.png`}>
            {t("forms.qr.download")}
          </a>
        </div>
      </div>
    </Panel>
  );
}
