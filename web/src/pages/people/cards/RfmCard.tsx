import { RfmCard } from "../../rfm/RfmCard";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 15,
  Card: ({ person }) => (person.rfm ? <RfmCard rfm={person.rfm} /> : null),
};
