import type { shell as zh } from "../zh/shell";

export const shell: Record<keyof typeof zh, string> = {
  "app.name": "Quanyu",
  loading: "Loading…",
  loadMore: "Load more",
  more: "See all",
  save: "Save",
  saved: "Saved",
  copy: "Copy",
  copied: "Copied",
  yes: "Yes",
  no: "No",
  "filter.clear": "Clear filters",

  "nav.label": "Main",
  "nav.skip": "Skip to content",
  "nav.open": "Open menu",
  "nav.close": "Close menu",
  "nav.signOut": "Sign out",
  "nav.overview": "Overview",
  "nav.people": "People",
  "nav.segments": "Segments",
  "nav.rfm": "RFM classes",
  "nav.journeys": "Journeys",
  "nav.messages": "Messages",
  "nav.channels": "Channels",
  "nav.imports": "Imports",
  "nav.settings": "Settings",
  "nav.group.people": "Customers",
  "nav.group.insight": "Insight",
  "nav.group.privacy": "Privacy",
  "nav.group.reach": "Reach",
  "nav.group.connect": "Connect",

  "theme.light": "Light",
  "theme.dark": "Dark",
  "theme.system": "System",
  "theme.label": "Appearance: {theme}. Press to change.",

  "clock.demo": "Demo time",
  "clock.rehearsal": "Rehearsal time",
  "clock.rate": "×{rate}",

  "live.on": "Live",
  "live.stale": "Connection lost; figures as of {at}",

  "signedOut.title": "Sign in to Quanyu",
  "signedOut.text":
    "There are no passwords here. When it starts, the platform prints a link that signs you in once.",
  "signedOut.expired": "This link was used before or has expired. Please get a new one.",
  "signedOut.step1": "On the machine that runs the platform, get a new link:",
  "signedOut.step2": "Open it in this browser, or paste it below.",
  "signedOut.placeholder": "Paste the link or its code",
  "signedOut.enter": "Sign in",
  "connecting.text": "Connecting to the platform…",
  "connecting.again": "Trying again by itself; no need to reload.",

  "error.unreachable": "The server cannot be reached",
  "error.unreachable.text":
    "The platform may be starting, or stopped. Check that make run is still running; this page keeps trying.",
  "error.forbidden": "Not allowed",
  "error.notFound": "Not found",
  "error.tooMany": "Too many requests",
  "error.server": "The server could not do this just now",
  "error.refused": "The request was not accepted",
  "error.defect": "Something in this page broke",
  "error.noDetail": "The server gave no reason.",
  "error.retry": "Try again",

  "crash.title": "This page broke",
  "crash.text":
    "The platform may just have been upgraded; loading again usually helps. Other pages are not affected.",
  "crash.reload": "Load again",

  "notFound.title": "There is no such page",
  "notFound.text": "The address may be wrong, or what was here is gone.",
  "notFound.home": "Back to the overview",
};
