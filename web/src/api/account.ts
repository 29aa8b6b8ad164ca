/** Signing in, and one's own account. */

import { queryOptions } from "@tanstack/react-query";
import { http } from "./client";
import { API } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type SignIn = Schemas["SignIn"];
export type SignInAnswer = Schemas["SignInAnswer"];
export type OwnAccount = Schemas["OwnAccount"];
export type OwnSession = Schemas["OwnSession"];

const ACCOUNT = `${API}/account`;
const SESSIONS = `${ACCOUNT}/sessions`;
const RESET = `${API}/password-reset`;

export const signIn = (wanted: SignIn) => http.post<SignInAnswer>(`${API}/sign-in`, wanted);

export const lookAtReset = (code: string, signal?: AbortSignal) =>
  http.post<Schemas["ResetView"]>(`${RESET}/look`, { code }, signal);
export const resetPassword = (wanted: Schemas["PasswordReset"]) => http.post<void>(RESET, wanted);

export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => http.get<OwnAccount>(ACCOUNT, undefined, signal),
});

export const changeAccount = (wanted: Schemas["OwnAccountChange"]) => http.put<void>(ACCOUNT, wanted);
export const changePassword = (wanted: Schemas["PasswordChange"]) =>
  http.put<void>(`${ACCOUNT}/password`, wanted);

export const sessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: ({ signal }) => http.get<Schemas["OwnSessions"]>(SESSIONS, undefined, signal),
});

export const endSession = (id: string) => http.remove<void>(`${SESSIONS}/${encodeURIComponent(id)}`);
export const endOtherSessions = () => http.remove<void>(SESSIONS);
