import type { ReplyContent } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { linkPieces } from "./content";

/** A content in one line: its words where it has some, else its kind. */
export function useContentWords(): (content: ReplyContent) => string {
  const { t } = useI18n();
  return (content) => {
    if (content.kind === "text")
      return linkPieces(content.text)
        .map((piece) => piece.text)
        .join("");
    const kind = t(`contentKind.${content.kind ?? "text"}`);
    const title = "title" in content ? content.title : "";
    return title ? `[${kind}] ${title}` : `[${kind}]`;
  };
}
