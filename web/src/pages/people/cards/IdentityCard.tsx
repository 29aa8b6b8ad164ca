import { PersonIdentity } from "../PersonIdentity";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 60,
  Card: ({ personId }) => <PersonIdentity personId={personId} />,
};
