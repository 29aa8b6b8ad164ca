import type { MessageKey } from "../../../i18n";

const NUMBERS = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 24, 201, 202, 0];

/** By which way somebody was added, as the platform numbers it (添加方式). */
export const WAYS: readonly (readonly [string, MessageKey])[] = NUMBERS.map(
  (number) => [String(number), `wecom.way.${number}` as MessageKey] as const,
);
