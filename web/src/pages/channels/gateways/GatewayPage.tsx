import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { checkAccount } from "../../../api/channels";
import { type Gateway, gatewaysQuery, type SmsTemplate } from "../../../api/gateways";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { type MessageKey, useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import styles from "../channels.module.css";
import { CheckPanel } from "../overview/ConnectionCheck";
import { GatewayForm } from "./GatewayForm";
import own from "./gateways.module.css";
import { keyOf } from "./kinds";

/** One gateway: what is known of it, whether it works, and the texts it may send. */
export default function GatewayPage({ id }: { id: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(gatewaysQuery);
  const gateway = data?.items.find((one) => one.id === id);
  if (!data && !error) return <PageSkeleton />;
  return (
    <Page
      title={gateway ? gateway.name || keyOf(gateway) : t("nav.channels")}
      back={{ to: "/channels", label: t("nav.channels") }}
      lead={gateway && t(`channel.${gateway.channel}`)}
      actions={gateway && <Change gateway={gateway} />}
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && !gateway && <EmptyState title={t("gateway.missing")} />}
      {gateway && (
        <div className={styles.stack}>
          <Panel title={t("gateway.facts")} testId="gateway-facts">
            <Facts gateway={gateway} />
          </Panel>
          <CheckPanel
            text={t(`gateway.${gateway.channel}.check`)}
            run={() => checkAccount(gateway.id)}
            words={gateway.channel}
          />
          {"app_id" in gateway.settings && <Templates templates={gateway.settings.templates ?? []} />}
        </div>
      )}
    </Page>
  );
}

function Facts({ gateway }: { gateway: Gateway }) {
  const { t } = useI18n();
  const zone = useZone();
  const facts = [...factsOf(gateway, t), [t("channels.connectedAt"), formatDate(gateway.created_at, zone)]];
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={`num ${own.long}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is worth a line, by channel: name and value. */
function factsOf({ settings }: Gateway, t: (key: MessageKey) => string): string[][] {
  if ("app_id" in settings)
    return [
      [t("gateway.sms.appId"), settings.app_id],
      [t("gateway.sms.signName"), `【${settings.sign_name}】`],
      [
        t("gateway.sms.hours"),
        `${settings.marketing_from?.slice(0, 5)} – ${settings.marketing_until?.slice(0, 5)}`,
      ],
      [t("channels.baseUrl.shown"), settings.base_url ?? ""],
    ];
  if ("url" in settings) return [[t("gateway.webhook.url"), settings.url]];
  return [
    [t("gateway.email.from"), `${settings.from_name ?? ""} <${settings.from_address}>`],
    [t("gateway.email.replyTo"), settings.reply_to || "–"],
    [t("gateway.email.host"), `${settings.host}:${settings.port}`],
    [t("gateway.email.security"), t(`gateway.email.security.${settings.security ?? "tls"}`)],
  ];
}

function Templates({ templates }: { templates: readonly SmsTemplate[] }) {
  const { t } = useI18n();
  return (
    <Panel title={t("gateway.sms.templates")} testId="gateway-templates">
      {templates.length === 0 && <p className="soft">{t("gateway.sms.templates.none")}</p>}
      <ul className={own.list}>
        {templates.map((one) => (
          <li key={one.template_id}>
            <strong>{one.title}</strong> <span className="mono muted">{one.template_id}</span>{" "}
            <Tag tone={one.is_marketing ? "amber" : "jade"}>
              {t(one.is_marketing ? "send.class.marketing" : "send.class.transactional")}
            </Tag>
            <p>{one.text}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Change({ gateway }: { gateway: Gateway }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("gateway.change")}</Button>
      <GatewayForm channel={gateway.channel} gateway={gateway} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
