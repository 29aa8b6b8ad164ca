import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { shouldRetry } from "../api/queries";
import { I18nProvider } from "../i18n";
import { Permitted } from "./Permitted";
import { AppRoutes } from "./routes";
import { Shell } from "./Shell";
import { SessionGate } from "./session";
import { ThemeProvider } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: shouldRetry,
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
      staleTime: 2_000,
    },
    mutations: { retry: false },
  },
});

// For people who are not signed in: no session stands above these.
const ResetPage = lazy(() => import("../pages/security/ResetPage"));
const JoinPage = lazy(() => import("../pages/members/JoinPage"));

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider>
        <ThemeProvider>
          <BrowserRouter>
            <Routes>
              <Route path="/join" element={<Outside page={<JoinPage />} />} />
              <Route path="/reset" element={<Outside page={<ResetPage />} />} />
              <Route path="*" element={<Inside />} />
            </Routes>
          </BrowserRouter>
        </ThemeProvider>
      </I18nProvider>
    </QueryClientProvider>
  );
}

function Outside({ page }: { page: ReactNode }) {
  return <Suspense>{page}</Suspense>;
}

function Inside() {
  return (
    <SessionGate>
      <Shell>
        <Permitted>
          <AppRoutes />
        </Permitted>
      </Shell>
    </SessionGate>
  );
}
