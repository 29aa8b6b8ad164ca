import { PersonCorpTags } from "../../wecom/tags/PersonCorpTags";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "relations",
  order: 30,
  Card: ({ personId }) => <PersonCorpTags personId={personId} />,
};
