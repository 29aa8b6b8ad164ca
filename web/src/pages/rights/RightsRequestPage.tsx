import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { ApiError } from "../../api/client";
import { personQuery } from "../../api/queries";
import { type RightsRequest, rightsRequestQuery } from "../../api/rights";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { Bone, PageSkeleton } from "../../ui/PageSkeleton";
import { PersonName } from "../people/PersonName";
import { Handling } from "./Handling";
import { Packages } from "./Packages";
import { Report, Steps } from "./Progress";
import styles from "./rights.module.css";
import { Due, StateTag } from "./words";

/** One request: whose, what for, what is to be done next, and what was done. */
export default function RightsRequestPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: request, error, refetch } = useQuery(rightsRequestQuery(id));
  if (!request && !error) return <PageSkeleton />;
  return (
    <Page
      title={request ? t(`rights.kind.${request.kind}`) : t("nav.rights")}
      back={{ to: "/rights", label: t("nav.rights") }}
      lead={<span className="mono muted">{id}</span>}
    >
      {error && !request && <ErrorNotice error={error} onRetry={refetch} />}
      {request && (
        <div className={styles.request}>
          <Facts request={request} />
          <div className={styles.stack}>
            {hasPackages(request) && <Packages request={request} />}
            <Handling request={request} />
            {request.steps.length > 0 && <Steps request={request} />}
            <Report request={request} />
          </div>
        </div>
      )}
    </Page>
  );
}

function Facts({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const zone = useZone();
  const at = (iso: string | null) => iso && formatDateTime(iso, zone);
  const lines = [
    [t("rights.state"), <StateTag key="state" state={request.state} />],
    [t("rights.due"), <Due key="due" request={request} />],
    [t("rights.verified"), request.verified_how],
    [t("rights.note"), request.note],
    [t("rights.openedBy"), request.opened_by],
    [t("rights.received"), at(request.received_at)],
    [t("rights.handledBy"), request.handled_by],
    [t("rights.outcome"), request.outcome],
    [t("rights.closed"), at(request.closed_at)],
  ] as const;
  return (
    <Panel testId="rights-facts">
      {isErased(request) ? <Erased person={request.person} /> : <Whose person={request.person} />}
      <dl className={styles.facts} style={{ marginTop: 12 }}>
        {lines
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </Panel>
  );
}

const hasPackages = ({ kind }: RightsRequest) => kind === "access" || kind === "export";

const isErased = ({ kind, steps }: RightsRequest) =>
  kind === "erasure" && steps.some((step) => step.name === "person" && step.state === "done");

/** Somebody who was erased has neither name nor page any more. */
function Erased({ person }: { person: string }) {
  const { t } = useI18n();
  return (
    <p className="muted">
      {t("rights.erased")} <span className="mono">{person}</span>
    </p>
  );
}

function Whose({ person }: { person: string }) {
  const { data, error } = useQuery(personQuery(person));
  if (data) return <PersonName id={data.id} name={data.display_name} />;
  if (error instanceof ApiError && error.status === 404) return <Erased person={person} />;
  return error ? <span className="mono muted">{person}</span> : <Bone width="70%" />;
}
