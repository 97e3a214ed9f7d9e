/** What can be set: for this browser, and, for those who may, for the tenant and the farm. */

import { PageHead } from "../../design/page-head";
import { type Tab, Tabs } from "../../design/tabs";
import { places } from "../../i18n/places";
import { currentQuery, setQuery } from "../../router";
import { may } from "../../state/session";
import { Appearance } from "./appearance";
import { Audit } from "./audit";
import { OPERATIONS } from "./calls";
import { Keys } from "./keys";
import "./settings.css";
import { Tenants } from "./tenants";
import { Webhooks } from "./webhooks";
import { words } from "./words";

export default function SettingsView() {
  const said = words();
  const all: (Tab & { operation?: string })[] = [
    { name: "appearance", label: said.appearance, panel: () => <Appearance /> },
    { name: "keys", label: said.keys, panel: () => <Keys />, operation: OPERATIONS.listKeys },
    { name: "tenants", label: said.tenants, panel: () => <Tenants />, operation: OPERATIONS.listTenants },
    { name: "audit", label: said.audit, panel: () => <Audit />, operation: OPERATIONS.listAudit },
    { name: "webhooks", label: said.webhooks, panel: () => <Webhooks />, operation: OPERATIONS.listDeliveries },
  ];
  const tabs = all.filter((tab) => tab.operation === undefined || may(tab.operation));
  return (
    <div class="settings stack">
      <PageHead title={places().settings} />
      <Tabs label={said.sections} tabs={tabs} current={currentQuery.value.get("tab") ?? "appearance"} onChange={(tab) => setQuery({ tab })} />
    </div>
  );
}
