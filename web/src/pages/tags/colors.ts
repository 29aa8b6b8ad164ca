import type { TagColor } from "../../api/personTags";
import type { Tone } from "../../ui/Tag";

export const COLORS: readonly TagColor[] = ["gray", "green", "amber", "red", "blue"];

const TONES: Record<TagColor, Tone> = {
  gray: "plain",
  green: "jade",
  amber: "amber",
  red: "red",
  blue: "blue",
};

export function toneOf(color: TagColor): Tone {
  return TONES[color];
}
