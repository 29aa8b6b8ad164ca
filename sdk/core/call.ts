/** The calls of the Segment specification, as this SDK writes them. */

export type Properties = Record<string, unknown>;

export type Kind = "track" | "identify" | "page" | "group" | "alias";

export interface Call {
  type: Kind;
  messageId: string;
  timestamp: string;
  anonymousId: string;
  userId?: string;
  event?: string;
  name?: string;
  groupId?: string;
  previousId?: string;
  properties?: Properties;
  traits?: Properties;
  context: Properties;
}

/** Another name of the same person: an openid with its appid as scope, say. */
export interface ExternalId {
  type: string;
  id: string;
  scope?: string;
}

/** A random id (UUID version 4); without a good source of chance it is still different every time. */
export function newId(): string {
  const bytes: number[] = [];
  const source = typeof crypto === "object" && crypto.getRandomValues;
  if (source) bytes.push(...crypto.getRandomValues(new Uint8Array(16)));
  else for (let place = 0; place < 16; place += 1) bytes.push(Math.floor(Math.random() * 256));
  bytes[6] = ((bytes[6] ?? 0) & 15) | 64;
  bytes[8] = ((bytes[8] ?? 0) & 63) | 128;
  const hex = bytes.map((byte) => (byte + 256).toString(16).slice(1)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
