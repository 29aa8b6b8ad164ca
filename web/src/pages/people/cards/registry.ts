import { type PersonCard, PLACES, type Place, type Tab } from "./card";

interface Found extends PersonCard {
  /** The card's file: what tells it from every other. */
  key: string;
}

const found: readonly Found[] = Object.entries(
  import.meta.glob<PersonCard>("./*.tsx", { eager: true, import: "card" }),
).map(([key, card]) => ({ ...card, key }));

/** The cards of one place, in order. */
export const cardsOf = (place: Place): readonly Found[] =>
  found.filter((card) => card.place === place).sort((one, other) => one.order - other.order);

/** Tabs that have a card, in the order of the page. */
export const TABS: readonly Tab[] = PLACES.filter(
  (place): place is Tab => place !== "aside" && cardsOf(place).length > 0,
);
