/** The calls about gateways: what carries messages outside WeChat. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Gateway = Schemas["Gateway"];
export type GatewayChannel = Schemas["GatewayChannel"];
export type ConnectSms = Schemas["ConnectSms"];
export type SmsTemplate = Schemas["SmsTemplate"];

const GATEWAYS = `${API}/channels/gateways`;

export const gatewaysQuery = queryOptions({
  queryKey: ["gateways"],
  queryFn: ({ signal }) => http.get<{ items: Gateway[] }>(GATEWAYS, undefined, signal),
});

export const connectGateway = (channel: GatewayChannel, values: object) =>
  http.post<Gateway>(`${GATEWAYS}/${channel}`, values);
