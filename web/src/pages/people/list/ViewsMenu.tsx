import { DeleteOutlined, DownOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Input, Popconfirm, Popover } from "antd";
import { useState } from "react";
import {
  dropView,
  type PeopleListing,
  type PeopleView,
  peopleViewsQuery,
  saveView,
} from "../../../api/peopleLists";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import styles from "./list.module.css";
import { DEFAULT_COLUMNS } from "./listing";

interface Props {
  listing: PeopleListing;
  onOpen: (listing: PeopleListing) => void;
}

/** Lists kept under a name: one's own, and those shared with everybody. */
export function ViewsMenu({ listing, onOpen }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={setOpen}
      destroyOnHidden
      title={t("peopleList.views")}
      content={
        <Views
          listing={listing}
          onOpen={(view) => {
            onOpen(view);
            setOpen(false);
          }}
        />
      }
    >
      <Button icon={<DownOutlined aria-hidden />} iconPosition="end">
        {t("peopleList.views")}
      </Button>
    </Popover>
  );
}

function Views({ listing, onOpen }: Props) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(peopleViewsQuery);
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const settled = () => queries.invalidateQueries({ queryKey: ["people-views"] });
  const own = data?.items.find((view) => view.is_own && view.name === name.trim());
  const save = useMutation({
    mutationFn: () => saveView(own?.id ?? null, { ...listing, name: name.trim(), shared }),
    onSuccess: () => {
      setName("");
      settled();
    },
  });
  const drop = useMutation({ mutationFn: dropView, onSuccess: settled });
  const error = save.error ?? drop.error;
  return (
    <div className={styles.views} data-testid="people-views">
      {data?.items.length === 0 && <p className="muted">{t("peopleList.views.none")}</p>}
      <ul>
        {data?.items.map((view) => (
          <li key={view.id}>
            <Button type="link" size="small" onClick={() => onOpen(listingOf(view))}>
              {view.name}
            </Button>
            <span className="muted">
              {view.shared && t("peopleList.views.sharedBy", { name: view.made_by })}
            </span>
            {view.is_own && (
              <Popconfirm
                title={t("peopleList.views.dropAsk", { name: view.name })}
                okText={t("peopleList.views.dropYes")}
                onConfirm={() => drop.mutate(view.id)}
              >
                <Button
                  type="text"
                  size="small"
                  icon={<DeleteOutlined />}
                  aria-label={t("peopleList.views.drop", { name: view.name })}
                />
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
      <Input
        value={name}
        maxLength={60}
        aria-label={t("peopleList.views.name")}
        placeholder={t("peopleList.views.name")}
        onChange={(event) => setName(event.target.value)}
      />
      <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
        {t("peopleList.views.share")}
      </Checkbox>
      <Button
        type="primary"
        disabled={name.trim() === ""}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        {t(own ? "peopleList.views.replace" : "peopleList.views.save")}
      </Button>
      {error && <ErrorNotice error={error} />}
    </div>
  );
}

function listingOf(view: PeopleView): PeopleListing {
  const { filter } = view;
  return {
    filter: {
      q: filter?.q || undefined,
      segment: filter?.segment || undefined,
      tag: filter?.tag || undefined,
      identity: filter?.identity ?? undefined,
      first_seen_from: filter?.first_seen_from ?? undefined,
      first_seen_to: filter?.first_seen_to ?? undefined,
      conditions: filter?.conditions ?? undefined,
    },
    order: view.order ?? "added",
    descending: view.descending ?? true,
    columns: view.columns?.length ? view.columns : DEFAULT_COLUMNS,
  };
}
