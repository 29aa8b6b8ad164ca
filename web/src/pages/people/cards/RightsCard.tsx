import { PersonRights } from "../../rights/PersonRights";
import type { PersonCard } from "./card";

export const card: PersonCard = {
  place: "consent",
  order: 20,
  Card: ({ personId }) => <PersonRights personId={personId} />,
};
