import { CloseOutlined, LogoutOutlined, MenuOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import { signOut } from "../api/queries";
import { formatDay, formatTime } from "../format/times";
import { useI18n } from "../i18n";
import { Logo } from "../ui/Logo";
import { Preferences } from "./Preferences";
import { PLACES } from "./places";
import styles from "./Shell.module.css";
import { useMay, useNow, useSession, useZone } from "./session";

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(main);
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t("nav.skip")}
      </a>
      <PhoneBar />
      <aside className={styles.side}>
        <SideContent />
      </aside>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  );
}

/** Screen readers and keyboards start at the top of the new page, not where the old link was. */
function useFocusOnNavigation(target: React.RefObject<HTMLElement | null>) {
  const { pathname } = useLocation();
  const previous = useRef(pathname);
  useEffect(() => {
    if (previous.current === pathname) return;
    previous.current = pathname;
    target.current?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, [pathname, target]);
}

function SideContent() {
  return (
    <>
      <BrandMark />
      <Navigation />
      <div className={styles.foot}>
        <PlatformClock />
        <Preferences />
        <SignOut />
      </div>
    </>
  );
}

function BrandMark() {
  const { session } = useSession();
  const { t } = useI18n();
  return (
    <div className={styles.brand}>
      <Logo />
      <div>
        <strong>{t("app.name")}</strong>
        <span>{session.brand.name}</span>
      </div>
    </div>
  );
}

function Navigation() {
  const { t } = useI18n();
  const { pathname } = useLocation();
  const may = useMay();
  const groups = PLACES.map(({ title, places }) => ({
    title,
    places: places.filter(({ needs }) => needs === null || may(needs)),
  })).filter(({ places }) => places.length > 0);
  // A place inside another's address is a place of its own.
  const isElsewhere = (to: string) =>
    PLACES.some(({ places }) => places.some((one) => one.to === pathname && one.to.startsWith(`${to}/`)));
  return (
    <nav aria-label={t("nav.label")} className={styles.nav}>
      {groups.map((group) => (
        <div key={group.title ?? "first"}>
          {group.title && <p className={styles.groupTitle}>{t(group.title)}</p>}
          <ul>
            {group.places.map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <NavLink to={to} end={to === "/" || isElsewhere(to)} className={styles.link}>
                  <Icon aria-hidden />
                  {t(label)}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** In a rehearsal the platform's time is not the reader's: say so, wherever figures are read. */
function PlatformClock() {
  const { session } = useSession();
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(1_000);
  if (!session.demo && session.clock_rate === 1) return null;
  const iso = now.toISOString();
  return (
    <div className={styles.clock}>
      <span className={styles.demo}>{session.demo ? t("clock.demo") : t("clock.rehearsal")}</span>
      <time dateTime={iso} className="num" data-testid="platform-clock">
        {formatDay(iso, zone)} {formatTime(iso, zone)}
      </time>
      {session.clock_rate !== 1 && (
        <span className="num muted">{t("clock.rate", { rate: session.clock_rate })}</span>
      )}
    </div>
  );
}

function SignOut() {
  const { session } = useSession();
  const { t } = useI18n();
  // A fresh page: nothing the signed-in person saw stays in memory.
  const leave = useMutation({ mutationFn: signOut, onSettled: () => location.assign("/") });
  return (
    <button type="button" className={styles.quiet} onClick={() => leave.mutate()} disabled={leave.isPending}>
      <LogoutOutlined aria-hidden /> {t("nav.signOut")} <span className="muted">{session.user.name}</span>
    </button>
  );
}

/** On a phone the navigation is a native dialog: focus, Escape and the back layer come with the browser. */
function PhoneBar() {
  const { t } = useI18n();
  const { session } = useSession();
  const { pathname } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is the very reason to close.
  useEffect(() => dialog.current?.close(), [pathname]);

  return (
    <header className={styles.phoneBar}>
      <Logo />
      <strong>{session.brand.name}</strong>
      <button
        type="button"
        className={styles.iconButton}
        aria-label={t("nav.open")}
        onClick={() => dialog.current?.showModal()}
      >
        <MenuOutlined aria-hidden />
      </button>
      <dialog ref={dialog} className={styles.sheet} aria-label={t("nav.label")}>
        <button
          type="button"
          className={styles.iconButton}
          aria-label={t("nav.close")}
          onClick={() => dialog.current?.close()}
        >
          <CloseOutlined aria-hidden />
        </button>
        <SideContent />
      </dialog>
    </header>
  );
}
