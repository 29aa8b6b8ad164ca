export const drafting = {
  "drafting.label": "Describe it in a sentence",
  "drafting.draft": "Draft it",
  "drafting.segmentExample": "For example: ordered at least 3 times in the last 30 days, in Hangzhou",
  "drafting.journeyExample":
    "For example: 1 day after following, send a welcome message; if no order within 3 days, remind once",
  "drafting.unknown": "Not understood: {words}",
  "drafting.done": "Filled in as a draft. Look it over, then save it",
} as const;
