import { PersonRelations } from "../../wecom/customers/PersonRelations";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "relations",
  order: 10,
  Card: ({ personId }) => <PersonRelations personId={personId} />,
};
