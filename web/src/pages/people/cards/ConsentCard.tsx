import { PersonConsent } from "../../consent/PersonConsent";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "consent",
  order: 10,
  Card: ({ personId }) => <PersonConsent personId={personId} />,
};
