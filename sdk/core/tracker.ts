/** What both SDKs are: who somebody is, what is said of every event, and the calls. */

import { type Arrival, contextOf, propertiesOf, rememberArrival, withShare } from "./arrival";
import { type Call, type ExternalId, type Kind, newId, type Properties } from "./call";
import { Outbox, type OutboxOptions, type Send } from "./outbox";
import type { Store } from "./store";

export type Consent = "granted" | "pending" | "denied";

export interface Options {
  /**
   * What holds until the visitor decided: `granted` sends, `pending` keeps nothing on the device and waits in
   * memory, `denied` drops. A decision is remembered and comes first.
   */
  consent?: Consent;
  delayMs?: number;
  onDrop?: OutboxOptions["onDrop"];
}

const HELD_MAX = 100;

export abstract class Tracker {
  protected arrival: Arrival | undefined;
  private readonly outbox: Outbox;
  private held: (() => void)[] = [];
  private at: Date | undefined;
  private anonymous = "";

  constructor(
    writeKey: string,
    protected readonly store: Store,
    send: Send,
    private readonly options: Options,
  ) {
    const { delayMs, onDrop } = options;
    this.outbox = new Outbox({ writeKey, store, send, delayMs, onDrop });
  }

  /** What holds for every call of this device now. */
  protected abstract context(): Properties;

  /** Say that something happened. */
  track(event: string, properties?: Properties): void {
    this.whenAllowed(() => this.send("track", { event, properties: this.about(properties) }));
  }

  /** Say that a page is looked at. */
  page(name?: string, properties?: Properties): void {
    this.whenAllowed(() => this.send("page", { name, properties: this.about(properties) }));
  }

  /**
   * Say who this is, what is known of them, and other names they have. Somebody else on the same device
   * begins as a new visitor, so that two people never become one.
   */
  identify(userId?: string | null, traits?: Properties, externalIds?: ExternalId[]): void {
    this.whenAllowed(() => {
      const known = this.store.get<string>("user");
      if (userId && known && known !== userId) this.forget();
      if (userId) this.store.set("user", userId);
      this.send("identify", { traits: traits ?? {} }, externalIds ? { externalIds } : {});
    });
  }

  group(groupId: string, traits?: Properties): void {
    this.whenAllowed(() => this.send("group", { groupId, traits: traits ?? {} }));
  }

  /** Say that an earlier name, by default the visitor's, is this user's. */
  alias(userId: string, previousId?: string): void {
    this.whenAllowed(() => {
      const previous = previousId ?? this.anonymousId;
      this.store.set("user", userId);
      this.send("alias", { previousId: previous });
    });
  }

  /** The user has left: whoever comes now is a new visitor. */
  reset(): void {
    this.whenAllowed(() => {
      this.forget();
      this.store.remove("super");
    });
  }

  /** Say these properties with every later `track` and `page`, also of later visits. */
  register(properties: Properties): void {
    this.whenAllowed(() =>
      this.store.set("super", { ...this.store.get<Properties>("super"), ...properties }),
    );
  }

  unregister(...names: string[]): void {
    this.whenAllowed(() => {
      const left = { ...this.store.get<Properties>("super") };
      for (const name of names) delete left[name];
      this.store.set("super", left);
    });
  }

  /** Return an address that tells who shared it. It holds a number by chance and no id of the visitor. */
  shareLink(address: string): string {
    if (this.consent !== "granted") return address;
    return withShare(address, this.shareId, (this.arrival?.shareDepth ?? 0) + 1);
  }

  /** Say that the visitor shared something; `channel` is a chat or the moments, say. */
  shared(channel: string, properties?: Properties): void {
    this.whenAllowed(() => {
      const depth = (this.arrival?.shareDepth ?? 0) + 1;
      const share = { channel, share_id: this.shareId, depth };
      this.send("track", { event: "Page Shared", properties: this.about({ ...share, ...properties }) });
    });
  }

  /** The visitor agrees: what was held goes, and from now on everything. */
  optIn(): void {
    this.store.set("consent", "granted");
    for (const say of this.held.splice(0)) say();
  }

  /** The visitor does not agree: everything of ours on the device goes, and nothing is sent any more. */
  optOut(): void {
    this.held = [];
    this.outbox.clear();
    this.forget();
    for (const name of ["super", "arrival", "share"]) this.store.remove(name);
    this.store.set("consent", "denied");
  }

  get consent(): Consent {
    return this.store.get<Consent>("consent") ?? this.options.consent ?? "granted";
  }

  get anonymousId(): string {
    this.anonymous ||= this.store.get<string>("anonymous") ?? "";
    if (!this.anonymous) {
      this.anonymous = newId();
      if (this.consent === "granted") this.store.set("anonymous", this.anonymous);
    }
    return this.anonymous;
  }

  flush(): Promise<void> {
    return this.outbox.flush();
  }

  /** Take note of where somebody came from; a share that brought them is an event. */
  protected arrive(fresh: Arrival | undefined): void {
    this.whenAllowed(() => {
      const now = Date.now();
      const isOwn = fresh?.shareId !== undefined && fresh.shareId === this.store.get<string>("share");
      this.arrival = rememberArrival(this.store, isOwn ? undefined : fresh, now);
      if (!fresh?.shareId || isOwn) return;
      const share = { share_id: fresh.shareId, depth: fresh.shareDepth };
      this.send("track", { event: "Share Opened", properties: this.about(share) });
    });
  }

  protected wake(): void {
    this.outbox.wake();
  }

  protected farewell(): string[] {
    return this.consent === "granted" ? this.outbox.farewell() : [];
  }

  private get shareId(): string {
    let id = this.store.get<string>("share");
    if (!id) {
      id = newId().replace(/-/g, "").slice(0, 16);
      this.store.set("share", id);
    }
    return id;
  }

  private whenAllowed(say: () => void): void {
    const { consent } = this;
    if (consent === "granted") say();
    else if (consent === "pending" && this.held.length < HELD_MAX) {
      const at = new Date();
      this.held.push(() => {
        this.at = at;
        say();
        this.at = undefined;
      });
    }
  }

  private about(properties: Properties | undefined): Properties {
    return { ...this.store.get<Properties>("super"), ...propertiesOf(this.arrival), ...properties };
  }

  private send(type: Kind, said: Partial<Call>, context: Properties = {}): void {
    const { anonymousId } = this;
    this.store.set("anonymous", anonymousId);
    const userId = this.store.get<string>("user");
    this.outbox.push({
      type,
      messageId: newId(),
      timestamp: (this.at ?? new Date()).toISOString(),
      anonymousId,
      ...(userId ? { userId } : {}),
      ...said,
      context: { ...this.context(), ...contextOf(this.arrival), ...context },
    });
  }

  private forget(): void {
    this.anonymous = "";
    this.store.remove("anonymous");
    this.store.remove("user");
  }
}
