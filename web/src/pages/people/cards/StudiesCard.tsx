import { StudiesCard } from "../../studies/StudiesCard";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "insight",
  order: 40,
  Card: ({ personId }) => <StudiesCard personId={personId} />,
};
