/** The audit log. */

import { http, withQuery } from "./client";
import { API, livePages } from "./queries";
import type { components } from "./schema";

export type LoggedDeed = components["schemas"]["LoggedDeed"];
export type ChainReport = components["schemas"]["ChainReport"];

const AUDIT = `${API}/audit`;

export interface AuditFilter {
  member?: string;
  area?: string;
  object?: string;
  since?: string;
  until?: string;
}

export const auditQuery = (filter: AuditFilter) => livePages<LoggedDeed>(["audit"], AUDIT, { ...filter });

export const auditFile = (filter: AuditFilter) => withQuery(`${AUDIT}/file`, { ...filter });

export const checkChain = () => http.get<ChainReport>(`${AUDIT}/chain`);
