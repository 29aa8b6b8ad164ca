import { PersonSummary } from "../PersonSummary";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 10,
  Card: ({ person }) => <PersonSummary person={person} />,
};
