/** A few values on the device, each under a name of ours. */

/** What the device offers: `localStorage`, or the storage of a mini program. */
export interface Shelf {
  read(name: string): string | null;
  write(name: string, text: string): void;
  remove(name: string): void;
}

/**
 * Values as JSON. Where the device keeps nothing (private windows, a full disk) the last word of this page
 * stays in memory.
 */
export class Store {
  private memory: Record<string, string> = {};

  constructor(
    private readonly shelf: Shelf,
    private readonly prefix = "quanyu.",
  ) {}

  /** Return what is kept under a name; the caller knows what it put there. */
  get<T>(name: string): T | undefined {
    let text = this.memory[name];
    if (text === undefined) {
      try {
        text = this.shelf.read(this.prefix + name) ?? "";
      } catch {
        text = "";
      }
    }
    try {
      return text ? (JSON.parse(text) as T) : undefined;
    } catch {
      return undefined; // Somebody else wrote there.
    }
  }

  set(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    try {
      this.shelf.write(this.prefix + name, text);
      delete this.memory[name];
    } catch {
      this.memory[name] = text;
    }
  }

  remove(name: string): void {
    delete this.memory[name];
    try {
      this.shelf.remove(this.prefix + name);
    } catch {
      // It was never there.
    }
  }
}
