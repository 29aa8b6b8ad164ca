import { AccountTags } from "../AccountTags";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "relations",
  order: 20,
  Card: ({ personId }) => <AccountTags personId={personId} />,
};
