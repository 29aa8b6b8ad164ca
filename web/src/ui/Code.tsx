/** Lines to read or copy, in a box that scrolls; the arrow keys move it once reached with Tab. */
export function Code({ text, className }: { text: string; className?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <pre className={className} tabIndex={0}>
      {text}
    </pre>
  );
}
