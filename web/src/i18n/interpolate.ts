export type Params = Record<string, string | number>;

/**
 * Fill `{name}` from params; `{n|person|people}` prints nothing but the form that suits the number n.
 *
 * A name without a value stays visible as `{name}`: a hole in a sentence should be seen, not hidden.
 */
export function interpolate(template: string, params: Params = {}): string {
  return template.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      if (one === undefined || many === undefined) return String(value);
      return Number(value) === 1 ? one : many;
    },
  );
}
