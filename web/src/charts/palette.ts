/** Colours of charts, read from the page so that both themes stay in one place. */
export interface Palette {
  ink: string;
  muted: string;
  line: string;
  surface: string;
  jade: string;
  jadeSoft: string;
  amber: string;
  blue: string;
  red: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    muted: read("--ink-3"),
    line: read("--line"),
    surface: read("--surface"),
    jade: read("--jade"),
    jadeSoft: read("--jade-soft"),
    amber: read("--amber"),
    blue: read("--blue"),
    red: read("--red"),
  };
}
