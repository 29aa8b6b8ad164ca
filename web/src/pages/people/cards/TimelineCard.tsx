import { Timeline } from "../Timeline";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "activity",
  order: 10,
  Card: ({ personId }) => <Timeline personId={personId} />,
};
