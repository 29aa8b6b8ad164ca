/** Talking to the control API of the sandbox that served this page. */

/** @typedef {import("./types.js").Chat} Chat */

const ROOT = "/sandbox";

/** A call the sandbox refused, in its own words. */
export class Refused extends Error {}

/**
 * @param {string} path behind `/sandbox`
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function get(path, signal) {
  return read(await fetch(ROOT + path, { signal }));
}

/**
 * @param {string} method
 * @param {string} path behind `/sandbox`
 * @param {Record<string, unknown>} body
 * @returns {Promise<any>}
 */
export async function send(method, path, body = {}) {
  return read(
    await fetch(ROOT + path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

/**
 * Act as a person at an account.
 *
 * @param {Chat} chat
 * @param {string} what
 * @param {Record<string, unknown>} [details]
 */
export function act(chat, what, details = {}) {
  const body = { appid: chat.account.appid, ...details };
  return send("POST", `/people/${chat.person.index}/${what}`, body);
}

/**
 * Be told which conversations changed: (appid, openid) each, empty texts for all of them.
 *
 * @param {(changed: [string, string][]) => void} tell
 * @param {(isOpen: boolean) => void} tellState
 */
export function watch(tell, tellState) {
  const stream = new EventSource(`${ROOT}/phone/changes`);
  stream.onmessage = (event) => tell(JSON.parse(event.data));
  stream.onopen = () => tellState(true);
  stream.onerror = () => tellState(false);
}

/** @param {Response} response */
async function read(response) {
  const answer = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (!response.ok) throw new Refused(answer.error);
  return answer;
}
