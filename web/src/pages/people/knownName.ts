/** The server calls somebody without a name by their id: true, but nothing to greet anybody by. */
export function knownName(id: string, name: string | null): string | null {
  return name && name !== id ? name : null;
}
