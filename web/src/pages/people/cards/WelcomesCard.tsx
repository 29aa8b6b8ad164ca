import { PersonWelcomes } from "../../wecom/welcomes/PersonWelcomes";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "messages",
  order: 50,
  Card: ({ personId }) => <PersonWelcomes personId={personId} />,
};
