import { PersonTags } from "../../tags/PersonTags";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 30,
  Card: ({ personId }) => <PersonTags personId={personId} />,
};
