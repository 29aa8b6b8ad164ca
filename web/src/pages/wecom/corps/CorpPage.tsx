import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { checkAccount } from "../../../api/channels";
import { type Corp, corpQuery } from "../../../api/wecom/corps";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import styles from "../../channels/channels.module.css";
import { Heard } from "../../channels/Heard";
import { CallbacksPanel } from "../../channels/overview/CallbacksPanel";
import { CheckPanel } from "../../channels/overview/ConnectionCheck";
import { HealthPanel } from "../../channels/overview/HealthPanel";
import { CorpForm } from "./CorpForm";

const TODO = ["scope", "ip", "contact", "members", "callback", "welcome"] as const;

export default function CorpPage({ id }: { id: string }) {
  const { t } = useI18n();
  const { data: corp, error, refetch } = useQuery(corpQuery(id));
  if (!corp && !error) return <PageSkeleton />;
  return (
    <Page
      title={corp ? corp.name || corp.corp_id : t("nav.channels")}
      back={{ to: "/channels", label: t("nav.channels") }}
      lead={corp && <Heard account={corp} />}
      actions={corp && <Credentials corp={corp} />}
    >
      {error && !corp && <ErrorNotice error={error} onRetry={refetch} />}
      {corp && (
        <div className={styles.stack}>
          <Panel title={t("corp.facts")} testId="corp-facts">
            <Facts corp={corp} />
          </Panel>
          <HealthPanel account={corp} />
          <CheckPanel text={t("corp.check.text")} run={() => checkAccount(corp.id)} words="corp" />
          <div className={styles.two}>
            <CallbacksPanel account={corp} empty={t("corp.callbacks.empty.text")} />
            <Todo />
          </div>
        </div>
      )}
    </Page>
  );
}

function Facts({ corp }: { corp: Corp }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t("corp.id")}</dt>
        <dd className="mono">{corp.corp_id}</dd>
      </div>
      <div>
        <dt>{t("corp.agentId")}</dt>
        <dd className="mono">{corp.agent_id}</dd>
      </div>
      <div>
        <dt>{t("corp.secrets")}</dt>
        <dd className={styles.rowTools}>
          {corp.secrets.map((kind) => (
            <Tag key={kind} tone="jade">
              {t(`corp.secret.name.${kind}`)}
            </Tag>
          ))}
        </dd>
      </div>
      <div>
        <dt>{t("channels.connectedAt")}</dt>
        <dd className="num">{formatDate(corp.created_at, zone)}</dd>
      </div>
      <div>
        <dt>{t("channels.baseUrl.shown")}</dt>
        <dd className={styles.address}>
          <code className="mono">{corp.base_url}</code>
        </dd>
      </div>
      <div>
        <dt>{t("channels.callback")}</dt>
        <dd className={styles.address}>
          <code className="mono">{corp.callback_url}</code> <CopyButton text={corp.callback_url} />
        </dd>
      </div>
    </dl>
  );
}

/** What only an administrator can do, in the order it is needed. */
function Todo() {
  const { t } = useI18n();
  return (
    <Panel title={t("corp.todo.title")} testId="corp-todo">
      <ol className={styles.steps}>
        {TODO.map((step) => (
          <li key={step}>{t(`corp.todo.${step}`)}</li>
        ))}
      </ol>
    </Panel>
  );
}

function Credentials({ corp }: { corp: Corp }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("channels.credentials")}</Button>
      <CorpForm corp={corp} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
