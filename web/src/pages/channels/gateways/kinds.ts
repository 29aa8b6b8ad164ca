import type { Gateway, GatewayChannel } from "../../../api/gateways";
import type { MessageKey } from "../../../i18n";
import type { FieldSpec } from "../credentials";

/** What a gateway is connected with, by channel. */
export const FIELDS: Record<GatewayChannel, readonly FieldSpec<string>[]> = {
  sms: [
    { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
    {
      name: "app_id",
      label: "gateway.sms.appId",
      pattern: /^\s*\d{5,20}\s*$/,
      problem: "gateway.sms.appId.problem",
      required: true,
      fixed: true,
    },
    {
      name: "secret_id",
      label: "gateway.sms.secretId",
      pattern: /^\s*[\w-]{4,80}\s*$/,
      problem: "gateway.sms.secretId.problem",
      required: true,
    },
    {
      name: "secret_key",
      label: "gateway.sms.secretKey",
      pattern: /^\s*\S{0,128}\s*$/,
      problem: "gateway.secret.problem",
      secret: true,
      requiredAtFirst: true,
      kept: "gateway.secret.kept",
    },
    {
      name: "sign_name",
      label: "gateway.sms.signName",
      pattern: /^\s*[^【】]{1,20}\s*$/,
      problem: "gateway.sms.signName.problem",
      required: true,
    },
    {
      name: "marketing_from",
      label: "gateway.sms.from",
      pattern: /^\s*([01]?\d|2[0-3]):[0-5]\d(:00)?\s*$/,
      problem: "gateway.sms.hours.problem",
    },
    {
      name: "marketing_until",
      label: "gateway.sms.until",
      pattern: /^\s*([01]?\d|2[0-3]):[0-5]\d(:00)?\s*$/,
      problem: "gateway.sms.hours.problem",
    },
    {
      name: "base_url",
      label: "channels.baseUrl",
      pattern: /^\s*https?:\/\/[^\s?#]+\s*$/,
      problem: "gateway.baseUrl.problem",
      placeholder: "gateway.sms.baseUrl.default",
    },
  ],
  email: [
    { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
    {
      name: "from_address",
      label: "gateway.email.from",
      pattern: /^\s*[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\s*$/,
      problem: "gateway.email.from.problem",
      required: true,
      fixed: true,
    },
    {
      name: "from_name",
      label: "gateway.email.fromName",
      pattern: /^.{0,60}$/,
      problem: "channels.name.problem",
    },
    {
      name: "reply_to",
      label: "gateway.email.replyTo",
      pattern: /^\s*([^\s@<>]+@[^\s@<>]+\.[^\s@<>]+)?\s*$/,
      problem: "gateway.email.from.problem",
    },
    {
      name: "host",
      label: "gateway.email.host",
      pattern: /^\s*[A-Za-z0-9.:-]{1,200}\s*$/,
      problem: "gateway.email.host.problem",
      required: true,
    },
    {
      name: "port",
      label: "gateway.email.port",
      pattern: /^\s*[1-9]\d{0,4}\s*$/,
      problem: "gateway.email.port.problem",
    },
    {
      name: "username",
      label: "gateway.email.username",
      pattern: /^.{0,200}$/,
      problem: "channels.name.problem",
    },
    {
      name: "password",
      label: "gateway.email.password",
      pattern: /^\s*\S{0,128}\s*$/,
      problem: "gateway.secret.problem",
      secret: true,
      kept: "gateway.secret.kept",
    },
  ],
  webhook: [
    { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
    {
      name: "url",
      label: "gateway.webhook.url",
      pattern: /^\s*https?:\/\/[^\s#@]+\s*$/,
      problem: "gateway.baseUrl.problem",
      required: true,
      fixed: true,
    },
    {
      name: "signing_secret",
      label: "gateway.webhook.secret",
      pattern: /^\s*(\S{16,128})?\s*$/,
      problem: "gateway.webhook.secret.problem",
      secret: true,
      requiredAtFirst: true,
      kept: "gateway.secret.kept",
    },
  ],
};

export const CONNECT: Record<GatewayChannel, MessageKey> = {
  sms: "gateway.sms.connect",
  email: "gateway.email.connect",
  webhook: "gateway.webhook.connect",
};

/** What names a gateway among those of its channel. */
export function keyOf({ settings }: Gateway): string {
  if ("app_id" in settings) return settings.app_id;
  return "url" in settings ? settings.url : settings.from_address;
}
