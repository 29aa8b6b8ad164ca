import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { publicationsQuery } from "../../../api/channels";
import type { Publication } from "../../../api/types";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag, type Tone } from "../../../ui/Tag";
import type { TabProps } from "../ChannelPage";
import styles from "./menus.module.css";

interface HistoryProps extends TabProps {
  onRestore: (publication: Publication) => void;
}

const TONES: Record<Publication["state"], Tone> = {
  asking: "blue",
  done: "jade",
  failed: "red",
  unknown: "amber",
};

/** Who published or withdrew what, and the way back to it. */
export function History({ account, onRestore }: HistoryProps) {
  const { t, locale } = useI18n();
  const zone = useZone();
  const { data, error, refetch } = useQuery(publicationsQuery(account.id));
  if (data?.items.length === 0) return null;
  return (
    <Panel title={t("menu.history")} testId="menu-history">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      <ul className={styles.history}>
        {data?.items.map((publication) => (
          <li key={publication.id}>
            <div>
              <strong>{t(`menu.did.${publication.action}`, { name: publication.name })}</strong>{" "}
              <Tag tone={TONES[publication.state]}>{t(`publication.${publication.state}`)}</Tag>
              <small className="muted num">
                {formatDateTime(publication.at, zone)} · {publication.actor}
              </small>
              {publication.state !== "done" && publication.reason && (
                <small className={styles.problem}>
                  {locale === "zh" ? publication.reason_zh : publication.reason}
                </small>
              )}
              <small className="soft">{publication.buttons.map((button) => button.name).join(" · ")}</small>
            </div>
            <Button
              size="small"
              aria-label={t("menu.restore.named", { at: formatDateTime(publication.at, zone) })}
              onClick={() => onRestore(publication)}
            >
              {t("menu.restore")}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
