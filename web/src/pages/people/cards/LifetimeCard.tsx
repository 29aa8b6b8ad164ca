import { LifetimeCard } from "../../lifetime/LifetimeCard";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "aside",
  order: 20,
  Card: ({ person }) => (person.lifetime ? <LifetimeCard lifetime={person.lifetime} /> : null),
};
