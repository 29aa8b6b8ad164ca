/** The address that signs in, from whatever was pasted: the whole printed link or only its code. */
export function loginAddress(pasted: string): string | null {
  const text = pasted.trim();
  if (!text) return null;
  const code = /[?&]code=([^&#\s]+)/.exec(text)?.[1] ?? (/^[\w.~-]{8,}$/.test(text) ? text : null);
  return code && `/login?code=${code}`;
}
