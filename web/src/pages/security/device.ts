/** What a browser calls itself, in a few words. */

const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/wxwork\//i, "WeCom"],
  [/MicroMessenger\//, "WeChat"],
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPod/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux|X11/, "Linux"],
];
const LENGTH_MAX = 60;

/** Return the browser and the system, as far as they are known; else what was sent, cut short. */
export function deviceOf(userAgent: string): string {
  const known = [PROGRAMS, SYSTEMS].map((names) => names.find(([pattern]) => pattern.test(userAgent))?.[1]);
  return known.filter(Boolean).join(" · ") || userAgent.slice(0, LENGTH_MAX);
}
