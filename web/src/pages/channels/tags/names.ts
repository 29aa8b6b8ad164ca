import { bytesOf } from "../content/content";

/** The platform counts bytes: ten 汉字. */
export const NAME_BYTES_MAX = 30;
export const TAGS_MAX = 100;
export const PEOPLE_MAX = 5_000;

export function isName(text: string): boolean {
  return text.trim() !== "" && bytesOf(text.trim()) <= NAME_BYTES_MAX;
}
