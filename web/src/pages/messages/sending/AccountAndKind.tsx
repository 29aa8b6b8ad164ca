import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Link } from "react-router";
import { miniProgramsQuery, officialAccountsQuery } from "../../../api/channels";
import { gatewaysQuery } from "../../../api/gateways";
import { allowancesQuery, capabilitiesQuery } from "../../../api/messages";
import type { MessageChannel, MessageKind } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { useFormat } from "../../../ui/useFormat";
import { keyOf } from "../../channels/gateways/kinds";
import { Field } from "../../journeys/fields";

interface AccountFieldProps {
  value: string;
  onChange: (account: string) => void;
}

/** The brand's accounts and gateways: each sends its own kinds of messages. */
export function AccountField({ value, onChange }: AccountFieldProps) {
  const { t } = useI18n();
  const senders = useSenders();
  const options = senders?.map(({ id, name }) => ({
    value: id,
    label: `${name} · ${t(`channel.${channelOf(id)}`)}`,
  }));
  return (
    <Field
      label={t("send.account")}
      hint={senders?.length === 0 && <Link to="/channels">{t("channels.connect")}</Link>}
    >
      <Select
        aria-label={t("send.account")}
        value={value || undefined}
        placeholder={t("send.account")}
        onChange={onChange}
        options={options}
        style={{ width: "100%" }}
      />
    </Field>
  );
}

/** Whatever the brand can send by, once all of it is known. */
export function useSenders(): { id: string; name: string }[] | undefined {
  const official = useQuery(officialAccountsQuery);
  const mini = useQuery(miniProgramsQuery);
  const gateways = useQuery(gatewaysQuery);
  if (!official.data || !mini.data || !gateways.data) return undefined;
  const accounts = [...official.data.items, ...mini.data.items];
  return [
    ...accounts.map(({ id, name, app_id }) => ({ id, name: name || app_id })),
    ...gateways.data.items.map((one) => ({ id: one.id, name: one.name || keyOf(one) })),
  ];
}

const CHANNELS: Record<string, MessageChannel> = {
  mpa: "mini_program",
  sms: "sms",
  eml: "email",
  whk: "webhook",
};

/** Which channel an account is of; its id says it. */
export const channelOf = (account: string): MessageChannel =>
  CHANNELS[account.split("_", 1)[0] ?? ""] ?? "official_account";

interface KindFieldProps {
  account: string;
  value: MessageKind;
  templateId: string;
  onChange: (kind: MessageKind) => void;
}

/** The kinds the account can send, each with what it needs and for how many people that is there now. */
export function KindField({ account, value, templateId, onChange }: KindFieldProps) {
  const { t } = useI18n();
  const { data } = useQuery(capabilitiesQuery);
  const kinds = data?.items.filter((one) => one.channel === channelOf(account)) ?? [];
  const need = kinds.find((one) => one.kind === value)?.need;
  return (
    <Field
      label={t("messages.kind")}
      hint={need && <NeedHint account={account} need={need} templateId={templateId} />}
    >
      <Select
        aria-label={t("messages.kind")}
        value={value}
        onChange={onChange}
        options={kinds.map(({ kind }) => ({ value: kind, label: t(`messageKind.${kind}`) }))}
        style={{ width: "100%" }}
      />
    </Field>
  );
}

function NeedHint({ account, need, templateId }: { account: string; need: string; templateId: string }) {
  const { t, has } = useI18n();
  const format = useFormat();
  const { data } = useQuery(allowancesQuery(account));
  const key = `send.need.${need}`;
  const people =
    need === "window"
      ? data?.window_people
      : data && (data.credits.find((one) => one.template_id === templateId)?.people ?? 0);
  const isCounted = need === "window" || (need === "credit" && templateId !== "");
  return (
    <span data-testid="send-need">
      {has(key) && t(key)}
      {isCounted && people !== undefined && ` ${t("send.need.people", { count: format.count(people) })}`}
    </span>
  );
}
