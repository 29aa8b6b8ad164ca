/** Numbers, shares and money as people read them. Pure: the locale comes in. */

type Tag = string;

export function formatCount(value: number, tag: Tag): string {
  return new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }).format(value);
}

/** 12,345 stays exact; from a hundred thousand on it shortens: 54.19万, 541.9K. */
export function formatCompact(value: number, tag: Tag): string {
  if (Math.abs(value) < 100_000) return formatCount(value, tag);
  return new Intl.NumberFormat(tag, {
    notation: "compact",
    maximumFractionDigits: tag.startsWith("zh") ? 2 : 1,
  }).format(value);
}

/** Axis labels: as short as they come. */
export function formatAxis(value: number, tag: Tag): string {
  if (Math.abs(value) < 10_000) return formatCount(value, tag);
  return new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

export function formatShare(part: number, whole: number, tag: Tag): string {
  if (whole <= 0) return "–";
  return new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 }).format(part / whole);
}

export function formatDecimal(value: number, tag: Tag, digits = 1): string {
  return new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value);
}

/** The digits of a decimal string grow past what a float holds, so they are handed to Intl as text. */
function asIntlNumber(decimal: string | number): number {
  return decimal as number;
}

function isCurrency(code: string): boolean {
  return /^[A-Z]{3}$/.test(code);
}

export function formatMoney(decimal: string | number, currency: string, tag: Tag): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 } as const;
  if (!isCurrency(currency)) return new Intl.NumberFormat(tag, digits).format(asIntlNumber(decimal));
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
  return new Intl.NumberFormat(tag, style).format(asIntlNumber(decimal));
}

/** Money for a headline: whole units below a hundred thousand, shortened above. */
export function formatMoneyShort(decimal: string | number, currency: string, tag: Tag): string {
  const large = Math.abs(Number(decimal)) >= 100_000;
  const shape = large
    ? ({ notation: "compact", maximumFractionDigits: tag.startsWith("zh") ? 2 : 1 } as const)
    : ({ maximumFractionDigits: 0 } as const);
  if (!isCurrency(currency)) return new Intl.NumberFormat(tag, shape).format(asIntlNumber(decimal));
  const style = {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 0,
  } as const;
  return new Intl.NumberFormat(tag, { ...style, ...shape }).format(asIntlNumber(decimal));
}
