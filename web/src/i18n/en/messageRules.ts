import type { messageRules as words } from "../zh/messageRules";

/** The brand's rules of sending. */
export const messageRules: Record<keyof typeof words, string> = {
  "nav.messageRules": "Sending rules",
  "rules.lead":
    "What binds every message of the brand: quiet hours, caps, repeated content, and how fast each account sends",
  "rules.policy": "Quiet hours and caps",
  "rules.marketingOnly":
    "Quiet hours, caps and the rule about repeated content bind marketing messages only, not transactional ones. Times are of the brand's time zone.",
  "rules.quiet": "Keep quiet hours",
  "rules.quiet.start": "From",
  "rules.quiet.end": "Until",
  "rules.quiet.mode": "Messages that fall into them",
  "rules.quiet.hold": "go out when they end",
  "rules.quiet.drop": "are not sent",
  "rules.quiet.jitter": "Spread afterwards over (minutes)",
  "rules.dailyCap": "At most per person and day",
  "rules.weeklyCap": "At most per person and week",
  "rules.noLimit": "No limit",
  "rules.capHint": "Calendar days and weeks (from Monday), all channels together; empty means no limit.",
  "rules.duplicate": "Same content again after (minutes)",
  "rules.repeat": "Repeats of transactional messages",
  "rules.repeatHint":
    "Within that time nobody is sent the same content again. A transactional message whose outcome is unknown is repeated at most this often.",
  "rules.saved": "Saved; messages from now on are judged by it",
  "rules.lanes": "Sending by account",
  "rules.lanesHint":
    "While paused, messages stay in the queue and go on when resumed; the speed limits all of the account's messages together.",
  "rules.noLanes": "No account has sent a message yet",
  "rules.lane.paused": "Paused",
  "rules.lane.running": "Running",
  "rules.lane.waiting": "{count} waiting",
  "rules.lane.inFlight": "{count} going out",
  "rules.lane.rate": "At most per second",
  "rules.lane.default": "Default",
  "rules.lane.perSecond": "/s",
  "rules.lane.setRate": "Set speed",
};
