import { DeleteOutlined, EditOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { type Contact, contactsQuery, removeContact } from "../../api/companies";
import { useZone } from "../../app/session";
import { formatDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { knownName } from "../people/knownName";
import { PersonName } from "../people/PersonName";
import { ContactForm } from "./ContactForm";
import styles from "./companies.module.css";

/** The people of a company, those who are contacts now first. */
export function Contacts({ company, isWhole }: { company: string; isWhole: boolean }) {
  const { t } = useI18n();
  const [opened, setOpened] = useState<Contact | "new" | null>(null);
  const contacts = useInfiniteQuery(contactsQuery(company, isWhole));
  const add = (
    <Button type="primary" onClick={() => setOpened("new")}>
      {t("companies.contact.add")}
    </Button>
  );
  return (
    <Panel flush title={t("companies.tab.contacts")} extra={add}>
      <DataTable
        label={t("companies.tab.contacts")}
        columns={useColumns(company, setOpened)}
        rows={contacts.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => `${row.company.id} ${row.person}`}
        error={contacts.error}
        onRetry={contacts.refetch}
        testId="contacts"
        empty={
          <EmptyState title={t("companies.contact.empty")}>{t("companies.contact.empty.text")}</EmptyState>
        }
      />
      <LoadMore pager={contacts} />
      {opened && (
        <ContactForm
          company={opened === "new" ? company : opened.company.id}
          contact={opened === "new" ? undefined : opened}
          onClose={() => setOpened(null)}
        />
      )}
    </Panel>
  );
}

function useColumns(company: string, onOpen: (contact: Contact) => void): Column<Contact>[] {
  const { t } = useI18n();
  const zone = useZone();
  return [
    {
      key: "person",
      title: t("companies.contact.person"),
      lead: true,
      render: (row) => (
        <PersonName
          id={row.person}
          name={row.name}
          note={row.company.id === company ? null : t("companies.contact.at", { name: row.company.name })}
        />
      ),
    },
    {
      key: "roles",
      title: t("companies.contact.roles"),
      render: (row) => (
        <span className={styles.roles}>
          {row.is_primary && <Tag tone="jade">{t("companies.contact.primary")}</Tag>}
          {row.roles.map((role) => (
            <Tag key={role}>{role}</Tag>
          ))}
          {!row.is_primary && row.roles.length === 0 && "–"}
        </span>
      ),
    },
    {
      key: "since",
      title: t("companies.contact.when"),
      render: (row) =>
        row.until
          ? t("companies.contact.between", {
              from: formatDate(row.since, zone),
              to: formatDate(row.until, zone),
            })
          : t("companies.contact.since", { when: formatDate(row.since, zone) }),
    },
    {
      key: "tools",
      title: "",
      align: "end",
      render: (row) => <Tools contact={row} onOpen={() => onOpen(row)} />,
    },
  ];
}

function Tools({ contact, onOpen }: { contact: Contact; onOpen: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const name = knownName(contact.person, contact.name) ?? t("people.unnamed");
  const remove = useMutation({
    mutationFn: () => removeContact(contact.company.id, contact.person),
    onSettled: () => queries.invalidateQueries({ queryKey: ["company"] }),
  });
  return (
    <span className={styles.tools}>
      <Button
        type="text"
        size="small"
        icon={<EditOutlined />}
        aria-label={t("companies.contact.edit", { name })}
        onClick={onOpen}
      />
      <Popconfirm
        title={t("companies.contact.remove.ask")}
        okText={t("companies.contact.remove")}
        onConfirm={() => remove.mutate()}
      >
        <Button
          type="text"
          size="small"
          danger
          icon={<DeleteOutlined />}
          aria-label={t("companies.contact.remove.named", { name })}
        />
      </Popconfirm>
      {remove.error && <ErrorNotice error={remove.error} />}
    </span>
  );
}
