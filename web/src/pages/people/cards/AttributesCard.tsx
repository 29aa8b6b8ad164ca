import { PersonAttributes } from "../PersonAttributes";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 70,
  Card: ({ person }) => <PersonAttributes person={person} />,
};
