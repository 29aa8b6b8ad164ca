/**
 * What is not yet known to have arrived: kept on the device, sent in batches, removed after the answer.
 *
 * Events go at least once. The platform counts each once by its `messageId`, so sending again costs nothing
 * but the way. The store is read anew at every step: two pages of one site may share it.
 */

import type { Call } from "./call";
import type { Store } from "./store";

export const QUEUE_MAX = 500;
export const QUEUE_BYTES_MAX = 400_000;
export const BATCH_MAX = 50;
/** Browsers take no more than 64 KiB from a page that goes away. */
export const BATCH_BYTES_MAX = 60_000;
const CALL_BYTES_MAX = 32_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

export interface Answer {
  status: number;
  retryAfterS?: number;
}

/** Hands a body over; refuses when nobody answers. */
export type Send = (body: string) => Promise<Answer>;

export interface OutboxOptions {
  writeKey: string;
  store: Store;
  send: Send;
  /** How long a call waits for others before a batch goes. */
  delayMs?: number;
  now?: () => number;
  onDrop?: (calls: number, why: "full" | "too_large" | "refused") => void;
}

export class Outbox {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  private under: Promise<void> | undefined;
  private pauses = 0;
  private notBefore = 0;
  private most = BATCH_MAX;

  constructor(private readonly options: OutboxOptions) {}

  /** Keep a call and send it soon. When the store is full, the oldest give way. */
  push(call: Call): void {
    const size = JSON.stringify(call).length;
    if (size > CALL_BYTES_MAX) {
      this.dropped(1, "too_large");
      return;
    }
    const calls = [...this.load(), call];
    const kept = bounded(calls);
    if (kept.length < calls.length) this.dropped(calls.length - kept.length, "full");
    this.save(kept);
    this.schedule(this.options.delayMs ?? 300);
  }

  /** Send what waits, now unless the platform asked for a pause; resolves when nothing more can go. */
  flush(): Promise<void> {
    this.under ??= this.sendAll().finally(() => {
      this.under = undefined;
    });
    return this.under;
  }

  /** Forget any pause: the network is back. */
  wake(): void {
    this.notBefore = 0;
    this.schedule(0);
  }

  /** The bodies of all that waits, for a page that goes away and hears no answer: all of it stays kept. */
  farewell(): string[] {
    const bodies: string[] = [];
    for (let rest = this.load(); rest.length > 0; ) {
      const batch = headOf(rest, BATCH_MAX);
      bodies.push(this.bodyOf(batch));
      rest = rest.slice(batch.length);
    }
    return bodies;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.dueAt = Number.POSITIVE_INFINITY;
    this.options.store.remove(QUEUE);
  }

  get length(): number {
    return this.load().length;
  }

  private async sendAll(): Promise<void> {
    for (;;) {
      const calls = this.load();
      const wait = this.notBefore - this.now();
      if (calls.length === 0) return;
      if (wait > 0) {
        this.schedule(wait);
        return;
      }
      if (!(await this.sendBatch(headOf(calls, this.most)))) return;
    }
  }

  /** Whether to go on with the next batch at once. */
  private async sendBatch(batch: Call[]): Promise<boolean> {
    let answer: Answer;
    try {
      answer = await this.options.send(this.bodyOf(batch));
    } catch {
      answer = { status: 0 };
    }
    const { status } = answer;
    if (status >= 200 && status < 300) {
      this.pauses = 0;
      this.most = BATCH_MAX;
      this.remove(batch);
      return true;
    }
    if (status === 413 && batch.length > 1) {
      this.most = Math.ceil(batch.length / 2);
      return true;
    }
    if (status === 400 || status === 413) {
      this.dropped(batch.length, status === 413 ? "too_large" : "refused");
      this.remove(batch);
      return true;
    }
    this.pause(answer.retryAfterS);
    return false;
  }

  /** A wrong key and a platform that is away look alike from here: what was collected stays for when it works. */
  private pause(retryAfterS = 0): void {
    const backOff = Math.min(FIRST_PAUSE_MS * 2 ** this.pauses, LONGEST_PAUSE_MS);
    this.pauses += 1;
    // Half of it by chance, so that a crowd that failed together does not come back together.
    const pauseMs = Math.max(retryAfterS * 1_000, backOff * (0.5 + Math.random() / 2));
    this.notBefore = this.now() + pauseMs;
    this.schedule(pauseMs);
  }

  private schedule(inMs: number): void {
    const at = this.now() + inMs;
    if (at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => {
      this.dueAt = Number.POSITIVE_INFINITY;
      this.flush();
    }, inMs);
  }

  private bodyOf(batch: Call[]): string {
    const { writeKey } = this.options;
    return JSON.stringify({ writeKey, sentAt: new Date(this.now()).toISOString(), batch });
  }

  private load(): Call[] {
    const calls = this.options.store.get<Call[]>(QUEUE);
    return Array.isArray(calls) ? calls : [];
  }

  private save(calls: Call[]): void {
    this.options.store.set(QUEUE, calls);
  }

  private remove(sent: Call[]): void {
    const gone = new Set(sent.map((call) => call.messageId));
    this.save(this.load().filter((call) => !gone.has(call.messageId)));
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private dropped(calls: number, why: "full" | "too_large" | "refused"): void {
    this.options.onDrop?.(calls, why);
  }
}

const QUEUE = "queue";

/** The latest calls that fit. */
function bounded(calls: Call[]): Call[] {
  const kept: Call[] = [];
  let bytes = 0;
  for (const call of calls.slice(-QUEUE_MAX).reverse()) {
    bytes += JSON.stringify(call).length;
    if (bytes > QUEUE_BYTES_MAX) break;
    kept.unshift(call);
  }
  return kept;
}

/** The oldest calls that fit into one request; texts count as three bytes a character at the worst. */
function headOf(calls: Call[], most: number): Call[] {
  const batch: Call[] = [];
  let bytes = 0;
  for (const call of calls.slice(0, most)) {
    bytes += byteLength(JSON.stringify(call));
    if (batch.length > 0 && bytes > BATCH_BYTES_MAX) break;
    batch.push(call);
  }
  return batch;
}

function byteLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is one byte.
  return text.length + 2 * (text.match(/[^\u0000-\u007f]/g)?.length ?? 0);
}
