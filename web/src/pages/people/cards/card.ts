import type { ComponentType } from "react";
import type { Person } from "../../../api/types";

/** Where a card of the person page stands: beside the tabs, or in one of them. */
export const PLACES = [
  "aside",
  "activity",
  "profile",
  "orders",
  "messages",
  "journeys",
  "relations",
  "insight",
  "consent",
] as const;

export type Place = (typeof PLACES)[number];
export type Tab = Exclude<Place, "aside">;

export interface PersonCardProps {
  personId: string;
  person: Person;
}

/**
 * One card of the person page. A file in this folder exports it as `card` and is found by itself.
 *
 * A card asks for its own data, and only while its tab is open: it shows its own loading, empty and error
 * states, so that one that fails takes no other with it.
 */
export interface PersonCard {
  place: Place;
  /** Cards of one place stand in this order; leave gaps. */
  order: number;
  Card: ComponentType<PersonCardProps>;
}
