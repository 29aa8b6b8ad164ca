import { useQuery } from "@tanstack/react-query";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { ApiError } from "../api/client";
import { sessionQuery } from "../api/queries";
import type { Permission, Session } from "../api/types";
import { formatAgo, type Zone } from "../format/times";
import { useI18n } from "../i18n";
import { Connecting } from "./Connecting";

const SignedOut = lazy(() => import("./SignedOut"));

interface Signed {
  session: Session;
  /** The platform's time now, which in a rehearsal runs faster than the wall clock. */
  now: () => Date;
}

const Context = createContext<Signed | null>(null);

/** Everything below it knows who is signed in and what time it is for the brand. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data, error, dataUpdatedAt, isPending } = useQuery(sessionQuery);

  const value = useMemo<Signed | null>(() => {
    if (!data) return null;
    const platform = new Date(data.now).getTime();
    return {
      session: data,
      now: () => new Date(platform + (Date.now() - dataUpdatedAt) * data.clock_rate),
    };
  }, [data, dataUpdatedAt]);

  if (error instanceof ApiError && error.status === 401) {
    return (
      <Suspense>
        <SignedOut />
      </Suspense>
    );
  }
  if (value) return <Context value={value}>{children}</Context>;
  return <Connecting error={isPending ? null : error} />;
}

export function useSession(): Signed {
  const value = useContext(Context);
  if (!value) throw new Error("useSession needs SessionGate above it.");
  return value;
}

/** Whether the one signed in may do something; the server asks again with every request. */
export function useMay(): (permission: Permission) => boolean {
  const { session } = useSession();
  return useCallback((permission) => session.permissions.includes(permission), [session.permissions]);
}

export function useZone(): Zone {
  const { session } = useSession();
  const { tag } = useI18n();
  return useMemo(() => ({ tag, timeZone: session.brand.time_zone }), [tag, session.brand.time_zone]);
}

/** The platform's time, re-rendering every `everyMs`. */
export function useNow(everyMs = 10_000): Date {
  const { now } = useSession();
  const [at, setAt] = useState(now);
  useEffect(() => {
    setAt(now());
    const timer = setInterval(() => setAt(now()), everyMs);
    return () => clearInterval(timer);
  }, [now, everyMs]);
  return at;
}

export function useAgo(): (iso: string) => string {
  const now = useNow();
  const { tag } = useI18n();
  return (iso) => formatAgo(iso, now, tag);
}
