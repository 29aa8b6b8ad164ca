/** The person page: tabs, cards, history of attributes, bulk actions and exports. */
export const profile = {
  "person.tab.activity": "Activity",
  "person.tab.profile": "Attributes",
  "person.tab.orders": "Orders",
  "person.tab.messages": "Messages",
  "person.tab.journeys": "Journeys",
  "person.tab.relations": "Relations",
  "person.tab.insight": "Scores",
  "person.tab.consent": "Consent",
};
