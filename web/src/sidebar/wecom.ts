/** Asks WeCom's client which customer the chat is with. Elsewhere nothing of WeCom is loaded. */

import type { PageConfig } from "./api";
import { signPage } from "./api";

const SCRIPTS = [
  "https://res.wx.qq.com/open/js/jweixin-1.2.0.js",
  "https://open.work.weixin.qq.com/wwopen/js/jwxwork-1.0.0.js",
];
const FUNCTION = "getCurExternalContact";
const PATIENCE_MS = 8_000;

interface Client {
  config(options: Record<string, unknown>): void;
  ready(then: () => void): void;
  error(then: (reason: unknown) => void): void;
  agentConfig(options: Record<string, unknown>): void;
  invoke(name: string, options: object, then: (answer: { err_msg: string; userId?: string }) => void): void;
}

export const isInWecom = () => /wxwork/i.test(navigator.userAgent);

/** The external user id of the customer in the chat; null where the page was not opened beside one. */
export async function currentCustomer(): Promise<string | null> {
  if (!isInWecom()) return null;
  for (const address of SCRIPTS) await load(address);
  const client = (window as unknown as { wx: Client }).wx;
  const config = await signPage(location.href.split("#")[0] ?? location.href);
  await patiently(configure(client, config));
  return patiently(ask(client));
}

function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${address} cannot be loaded.`));
    document.head.append(script);
  });
}

function configure(client: Client, config: PageConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    client.error((reason) => reject(new Error(`wx.config: ${JSON.stringify(reason)}`)));
    client.ready(() =>
      client.agentConfig({
        ...config.agent,
        jsApiList: [FUNCTION],
        success: () => resolve(),
        fail: (reason: unknown) => reject(new Error(`wx.agentConfig: ${JSON.stringify(reason)}`)),
      }),
    );
    client.config({ beta: true, debug: false, ...config.corp, jsApiList: [FUNCTION] });
  });
}

function ask(client: Client): Promise<string | null> {
  return new Promise((resolve) => {
    client.invoke(FUNCTION, {}, (answer) =>
      resolve(answer.err_msg === `${FUNCTION}:ok` ? (answer.userId ?? null) : null),
    );
  });
}

function patiently<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error("WeCom's client does not answer.")), PATIENCE_MS),
  );
  return Promise.race([work, late]);
}
