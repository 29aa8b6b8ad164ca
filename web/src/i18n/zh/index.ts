import { access } from "./access";
import { audit } from "./audit";
import { behaviour } from "./behaviour";
import { broadcasts } from "./broadcasts";
import { canvas } from "./canvas";
import { catalogue } from "./catalogue";
import { channels } from "./channels";
import { companies } from "./companies";
import { computed } from "./computed";
import { consent } from "./consent";
import { dashboards } from "./dashboards";
import { domain } from "./domain";
import { drafting } from "./drafting";
import { engagement } from "./engagement";
import { events } from "./events";
import { experiments } from "./experiments";
import { forms } from "./forms";
import { gateways } from "./gateways";
import { imports } from "./imports";
import { interests } from "./interests";
import { journeySteps } from "./journeySteps";
import { letters } from "./letters";
import { lifetime } from "./lifetime";
import { links } from "./links";
import { lookalike } from "./lookalike";
import { members } from "./members";
import { messageRules } from "./messageRules";
import { messageTemplates } from "./messageTemplates";
import { metrics } from "./metrics";
import { pages } from "./pages";
import { payments } from "./payments";
import { peopleList } from "./peopleList";
import { personTags } from "./personTags";
import { profile } from "./profile";
import { quality } from "./quality";
import { replay } from "./replay";
import { review } from "./review";
import { security } from "./security";
import { segments } from "./segments";
import { shell } from "./shell";
import { sources } from "./sources";
import { spending } from "./spending";
import { studies } from "./studies";
import { tagLinks } from "./tagLinks";
import { warehouse } from "./warehouse";
import { wecom } from "./wecom";
import { why } from "./why";

export const zh = {
  ...access,
  ...audit,
  ...shell,
  ...segments,
  ...peopleList,
  ...personTags,
  ...tagLinks,
  ...canvas,
  ...replay,
  ...review,
  ...pages,
  ...imports,
  ...catalogue,
  ...sources,
  ...letters,
  ...channels,
  ...gateways,
  ...payments,
  ...domain,
  ...events,
  ...broadcasts,
  ...links,
  ...messageTemplates,
  ...experiments,
  ...forms,
  ...lifetime,
  ...drafting,
  ...journeySteps,
  ...why,
  ...lookalike,
  ...companies,
  ...computed,
  ...consent,
  ...profile,
  ...wecom,
  ...behaviour,
  ...warehouse,
  ...messageRules,
  ...members,
  ...security,
  ...metrics,
  ...dashboards,
  ...engagement,
  ...spending,
  ...studies,
  ...quality,
  ...interests,
};

export type MessageKey = keyof typeof zh;
