/** Letting one person into a journey. */

import { http } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export const enrolPerson = (journey: string, command: Pick<Schemas["EnrolPerson"], "key" | "person_id">) =>
  http.post<Schemas["EnrolmentResult"]>(
    `/api/v1/journeys/${encodeURIComponent(journey)}/enrolments`,
    command,
  );
