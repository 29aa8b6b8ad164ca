import { behaviour } from "./behaviour";
import { catalogue } from "./catalogue";
import { channels } from "./channels";
import { companies } from "./companies";
import { computed } from "./computed";
import { consent } from "./consent";
import { dashboards } from "./dashboards";
import { domain } from "./domain";
import { events } from "./events";
import { forms } from "./forms";
import { imports } from "./imports";
import { letters } from "./letters";
import { lifetime } from "./lifetime";
import { metrics } from "./metrics";
import { pages } from "./pages";
import { payments } from "./payments";
import { peopleList } from "./peopleList";
import { personTags } from "./personTags";
import { profile } from "./profile";
import { review } from "./review";
import { segments } from "./segments";
import { shell } from "./shell";
import { sources } from "./sources";
import { studies } from "./studies";
import { warehouse } from "./warehouse";
import { wecom } from "./wecom";

export const zh = {
  ...shell,
  ...segments,
  ...peopleList,
  ...personTags,
  ...review,
  ...pages,
  ...imports,
  ...catalogue,
  ...sources,
  ...letters,
  ...channels,
  ...payments,
  ...domain,
  ...events,
  ...forms,
  ...lifetime,
  ...companies,
  ...computed,
  ...consent,
  ...profile,
  ...wecom,
  ...behaviour,
  ...warehouse,
  ...metrics,
  ...dashboards,
  ...studies,
};

export type MessageKey = keyof typeof zh;
