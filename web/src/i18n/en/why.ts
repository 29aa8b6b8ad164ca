import type { why as zh } from "../zh/why";

export const why: Record<keyof typeof zh, string> = {
  "why.open": "Why not reached",
  "why.title": "Why somebody was reached, or not",
  "why.hint":
    "Pick somebody to see what this journey sent them, where they stand, or why they did not enter.",
  "why.verdict.messaged": "Messages were planned for them; see below what became of each",
  "why.verdict.on_the_way": "On the way, and not yet at a step that sends",
  "why.verdict.went_through": "Was in, but no step they passed planned a message",
  "why.verdict.never_published": "The journey was never published; nobody can enter",
  "why.verdict.not_running": "The journey does not run; nobody enters any more",
  "why.verdict.by_request": "Only a program or a colleague lets people in, and nobody asked for them",
  "why.verdict.never_happened": "What lets people in never happened to them",
  "why.verdict.member_before": "Was in the segment before the journey began, and has not come into it again",
  "why.verdict.passed_by": "It happened, but did not let them in; see below why",
  "why.since": "People enter this way since {at}",
  "why.messages": "Messages",
  "why.passages": "Passages",
  "why.events": "Events that could have let them in",
  "why.event.let_in": "Let them in",
  "why.event.before": "Before the journey began",
  "why.event.late": "Heard of more than an hour later",
  "why.event.filtered": "Does not meet the conditions of the entry",
  "why.event.own": "Stated by this journey itself",
  "why.event.reentry": "Had been in, and may not come in again yet",
  "why.event.not_let_in": "Meets the conditions, but the journey did not run then, or is about to read it",
  "why.properties": "What the event says",
};
