import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useParams } from "react-router";
import { personQuery } from "../../api/queries";
import type { Person } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import type { Place, Tab } from "./cards/card";
import { cardsOf, TABS } from "./cards/registry";
import { knownName } from "./knownName";
import styles from "./people.module.css";

const FIRST: Tab = "activity";

/** Everything known of one person: who they are beside the tabs, what happened in them. */
export default function PersonPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: person, error, refetch } = useQuery(personQuery(id));
  if (!person && !error) return <PageSkeleton />;
  return (
    <Page
      title={(person && knownName(person.id, person.display_name)) ?? t("people.unnamed")}
      back={{ to: "/people", label: t("nav.people") }}
      lead={<span className="mono muted">{id}</span>}
    >
      {error && !person && <ErrorNotice error={error} onRetry={refetch} />}
      {person && (
        <div className={styles.person}>
          <Cards place="aside" person={person} />
          <PersonTabs person={person} />
        </div>
      )}
    </Page>
  );
}

function PersonTabs({ person }: { person: Person }) {
  const { t } = useI18n();
  const [asked, setTab] = useSearchState("tab");
  const tab = TABS.find((each) => each === asked) ?? FIRST;
  return (
    <Tabs
      className={styles.tabs}
      activeKey={tab}
      onChange={(key) => setTab(key === FIRST ? "" : key)}
      destroyOnHidden
      items={TABS.map((each) => ({
        key: each,
        label: t(`person.tab.${each}`),
        children: <Cards place={each} person={person} />,
      }))}
    />
  );
}

function Cards({ place, person }: { place: Place; person: Person }) {
  return (
    <div className={styles.aside}>
      {cardsOf(place).map(({ key, Card }) => (
        <Card key={key} personId={person.id} person={person} />
      ))}
    </div>
  );
}
