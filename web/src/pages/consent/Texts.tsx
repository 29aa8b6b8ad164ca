import { useQuery } from "@tanstack/react-query";
import { type ConsentText, textsQuery } from "../../api/consent";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import styles from "./consent.module.css";

/** Every version of a purpose's text, the one in force first and open. */
export function Texts({ purpose }: { purpose: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(textsQuery(purpose));
  return (
    <section>
      <h3>{t("consent.texts")}</h3>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone width="80%" />}
      {data?.items.length === 0 && <p className="muted">{t("consent.texts.empty")}</p>}
      <ul className={styles.texts}>
        {data?.items.map((text, index) => (
          <li key={text.version}>
            <Version text={text} isCurrent={index === 0} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Version({ text, isCurrent }: { text: ConsentText; isCurrent: boolean }) {
  const { t, locale } = useI18n();
  const zone = useZone();
  return (
    <details open={isCurrent}>
      <summary>
        {t("consent.version", { version: text.version })} {isCurrent && t("consent.text.current")} ·{" "}
        {t("consent.text.by", {
          who: text.published_by || "–",
          at: formatDateTime(text.published_at, zone),
        })}{" "}
        {text.ends_earlier && <Tag tone="amber">{t("consent.text.asksAgain")}</Tag>}
      </summary>
      <p>{locale === "zh" ? text.text_zh : text.text_en}</p>
    </details>
  );
}
