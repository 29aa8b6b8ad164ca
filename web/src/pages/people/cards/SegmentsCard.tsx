import { PersonSegments } from "../PersonSegments";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 40,
  Card: ({ person }) => <PersonSegments segments={person.segments} />,
};
