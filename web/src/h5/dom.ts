/** Elements without a framework: the page is to open at once on any phone. */

type Props<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "style" | "dataset" | "children">
> & {
  attrs?: Record<string, string>;
};

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props<Tag> = {},
  ...children: (Node | string | null | undefined | false)[]
): HTMLElementTagNameMap[Tag] {
  const { attrs, ...own } = props;
  const made = Object.assign(document.createElement(tag), own) as HTMLElementTagNameMap[Tag];
  for (const [name, value] of Object.entries(attrs ?? {})) made.setAttribute(name, value);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}
