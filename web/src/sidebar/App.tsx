import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Switch } from "antd";
import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { findCustomer, loginAddress, placeOf, type Session, sessionQuery, switchOnline } from "./api";
import { CustomerCard } from "./CustomerCard";
import { CustomerList } from "./CustomerList";
import { Failure, problemText } from "./pieces";
import { Tasks } from "./Tasks";
import { currentCustomer, isInWecom } from "./wecom";
import { hasWord, t } from "./words";

const TABS = ["mine", "lost", "tasks"] as const;
type Tab = (typeof TABS)[number];
const ASKED = "quanyu.staff.asked";

/** Signs in first: WeCom says who looks without asking them. */
export function App() {
  const problem = new URLSearchParams(location.search).get("problem");
  const place = placeOf(location.pathname);
  if (problem || !place) return <Problem why={problem ?? "address"} />;
  return <Gate place={place} />;
}

function Problem({ why }: { why: string }) {
  const key = `problem.${why}`;
  return (
    <main className="sb-problem" role="alert">
      <h1>{t("problem.title")}</h1>
      <p>{hasWord(key) ? t(key) : t("problem.code")}</p>
    </main>
  );
}

function Gate({ place }: { place: { brand: string; corp: string } }) {
  // Each time the page is opened WeCom is asked who looks: the session of whoever looked before is not theirs.
  const [isAsked] = useState(wasAsked);
  const session = useQuery({ ...sessionQuery, enabled: isAsked });
  const signedOut = session.error instanceof ApiError && session.error.status === 401;
  useEffect(() => {
    if (isAsked && !signedOut) return;
    sessionStorage.setItem(ASKED, "1");
    location.replace(loginAddress(place));
  }, [isAsked, signedOut, place]);
  if (session.data) return <Page session={session.data} />;
  if (session.error && !signedOut) return <Failure error={session.error} onRetry={session.refetch} />;
  return <p className="sb-muted sb-center">{t("loading")}</p>;
}

const wasAsked = () => sessionStorage.getItem(ASKED) !== null;

function Page({ session }: { session: Session }) {
  const [customer, setCustomer] = useState<string | null>(null);
  const [tab, setTab] = useState<Tab>("mine");
  const current = useCurrentCustomer(setCustomer);
  if (customer) {
    return <CustomerCard customer={customer} session={session} onBack={() => setCustomer(null)} />;
  }
  return (
    <main>
      <Head session={session} />
      {current.error && <p className="sb-note">{current.error}</p>}
      <nav className="sb-tabs">
        {TABS.map((one) => (
          <button key={one} type="button" aria-current={one === tab} onClick={() => setTab(one)}>
            {t(one)}
          </button>
        ))}
      </nav>
      {tab === "tasks" ? (
        <Tasks session={session} />
      ) : (
        <CustomerList key={tab} lost={tab === "lost"} session={session} onOpen={setCustomer} />
      )}
    </main>
  );
}

/** Beside a chat the page opens with its customer; elsewhere the member picks one of theirs. */
function useCurrentCustomer(open: (customer: string) => void): { error: string } {
  const [error, setError] = useState("");
  useEffect(() => {
    if (!isInWecom()) return;
    currentCustomer()
      .then((external) => (external ? findCustomer(external) : null))
      .then((found) => found && open(found.customer))
      .catch((reason) =>
        setError(reason instanceof ApiError && reason.status === 404 ? t("notYours") : t("client")),
      );
  }, [open]);
  return { error };
}

function Head({ session }: { session: Session }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: switchOnline,
    onSettled: () => queries.invalidateQueries({ queryKey: ["session"] }),
  });
  return (
    <header className="sb-head">
      <div>
        <strong>{session.name}</strong>
        <span className="sb-muted">{session.corp_name}</span>
      </div>
      <div className="sb-switch" title={t("online.hint")}>
        <span>{t(session.is_online ? "online" : "offline")}</span>
        <Switch
          size="small"
          aria-label={t("online.hint")}
          checked={session.is_online}
          loading={change.isPending}
          onChange={(wanted) => change.mutate(wanted)}
        />
      </div>
      {change.error && <p className="sb-note">{problemText(change.error)}</p>}
    </header>
  );
}
