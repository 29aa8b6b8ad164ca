import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider } from "antd";
import zhCN from "antd/locale/zh_CN";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { shouldRetry } from "../api/queries";
import { App } from "./App";
import "../styles/base.css";
import "./sidebar.css";

const root = document.getElementById("root");
if (!root) throw new Error("sidebar.html has no #root.");
const queries = new QueryClient({
  defaultOptions: { queries: { retry: shouldRetry, staleTime: 5_000 }, mutations: { retry: false } },
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <ConfigProvider locale={zhCN} theme={{ token: { colorPrimary: "#0b7a5c", borderRadius: 8 } }}>
        <App />
      </ConfigProvider>
    </QueryClientProvider>
  </StrictMode>,
);
