import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { BrowserRouter } from "react-router";
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

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider>
        <ThemeProvider>
          <BrowserRouter>
            <SessionGate>
              <Shell>
                <Permitted>
                  <AppRoutes />
                </Permitted>
              </Shell>
            </SessionGate>
          </BrowserRouter>
        </ThemeProvider>
      </I18nProvider>
    </QueryClientProvider>
  );
}
