import { PersonForms } from "../../forms/PersonForms";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "profile",
  order: 60,
  Card: ({ personId }) => <PersonForms personId={personId} />,
};
