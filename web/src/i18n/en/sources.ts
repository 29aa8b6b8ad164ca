/** Sources of events. */
export const sources = {
  "nav.sources": "Sources",
  "sources.lead":
    "How each source did in the last 24 hours: how much it sent, what is wrong with it, and what to do.",
  "sources.health": "Health",
  "sources.state": "State and advice",
  "sources.accepted": "Accepted in 24 hours",
  "sources.counts": "Out of the ordinary",
  "sources.duplicates": "Duplicates",
  "sources.differs": "Contradicting duplicates",
  "sources.rejected": "Refused",
  "sources.quarantined": "Kept aside",
  "sources.late": "More than a day late",
  "sources.skewed": "Clock off",
  "sources.empty": "No source yet",
  "sources.empty.text":
    "Make a write key below and put the code into your pages, mini program or server; its first event makes it show here.",
  "sourceState.healthy": "Healthy",
  "sourceState.waiting": "Waiting",
  "sourceState.silent": "Silent",
  "sourceState.failing": "Failing",
  "sourceReason.never_heard":
    "It has a write key and was never heard. Is the code live, are key and address right?",
  "sourceReason.quiet":
    "It has been quiet for far longer than it usually is. Is the application down, is the code still there, was the key revoked?",
  "sourceReason.rejected":
    "Many events are refused. The faults in the event catalogue say why; once mended they can be sent again.",
  "sourceReason.quarantined":
    "Many events are not as planned and are kept aside. Mend the plan or let them in from the event catalogue.",
  "sourceReason.differs":
    "One messageId is used for events of different content; the later ones do not count. Look at how it is made.",
  "sourceReason.clock":
    "The sender's clock is off; sentAt set it right. Set the clock of the device or server.",
  "sourceReason.late":
    "Many events come more than a day after they happened: right for imports, else look at the sender's queue.",
  "sources.stages": "Pipeline",
  "sources.stages.text":
    "What was accepted is on disk; then people are recognised, history is written and journeys react. What is behind catches up by itself; if it stays behind for more than a minute, look at the platform's log.",
  "sources.stage": "Stage",
  "sources.stage.resolve": "Recognise people",
  "sources.stage.store": "Write history",
  "sources.stage.react": "React",
  "sources.stage.reactAll": "React: journeys, tags … (all subscribers)",
  "sources.behind": "Events waiting",
  "sources.behindSince": "The oldest for",
  "sources.upToDate": "Up to date",
  "sources.seconds": "{count} s",
  "sources.first.waiting": "Waiting for the first event of {source} …",
  "sources.first.heard": "Heard from {source}: {event}",
  "snippet.web": "Web page",
  "snippet.miniprogram": "Mini program",
  "snippet.web.hint":
    "Goes into the <head> of every page. Page views, campaigns and shares are told by themselves.",
  "snippet.miniprogram.hint":
    "Add this platform to the mini program's request domains, download the SDK file, and make this the first lines of app.js.",
  "snippet.javascript.hint":
    "Any language that can send HTTP will do; the key is the user name of basic authentication.",
  "snippet.python.hint": "Segment's own SDK with another address and key.",
  "snippet.curl.hint": "Send the first event by hand, to see that address and key are right.",
};
