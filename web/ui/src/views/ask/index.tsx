/** Ask: conversations with the farm, and what it answers from. */

import { useEffect, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { PageHead } from "../../design/page-head";
import { Tabs } from "../../design/tabs";
import { places } from "../../i18n/places";
import { currentQuery, setQuery } from "../../router";
import { me } from "../../state/session";
import { SidePanel, useRoom } from "../things/panel";
import { ThingDetails } from "../things/thing";
import { words as thingWords } from "../things/words";
import "./ask.css";
import { useConversation } from "./conversation";
import { Documents } from "./documents";
import { SessionList } from "./session-list";
import { recall } from "./sessions";
import { Talk } from "./talk";
import { words } from "./words";

export default function Ask() {
  const said = words();
  const query = currentQuery.value;
  const session = query.get("session");
  const thing = query.get("thing");
  const roomy = useRoom();
  const [listing, setListing] = useState(false);
  useEffect(recall, [me.value?.tenant, me.value?.key]);
  const talk = useConversation(session, (id) => setQuery({ session: id }));
  const choose = (id: string | null) => {
    setListing(false);
    setQuery({ session: id, thing: null, tab: null }, { replace: false });
  };
  const open = (id: string) => setQuery({ thing: id }, { replace: false });
  const toDocuments = () => setQuery({ tab: "documents" }, { replace: false });
  return (
    <div class={thing && roomy ? "ask with-panel" : "ask"}>
      <PageHead
        title={places().ask}
        lead={said.lead}
        actions={
          <>
            {!roomy && <Button onClick={() => setListing(true)}>{said.conversations}</Button>}
            <Button icon="plus" onClick={() => choose(null)}>
              {said.newOne}
            </Button>
          </>
        }
      />
      <div class="ask-columns">
        {roomy && (
          <nav class="ask-sessions" aria-label={said.conversations}>
            <h2 class="small dim">{said.conversations}</h2>
            <SessionList current={session} onChoose={choose} />
          </nav>
        )}
        <div class="ask-main">
          <Tabs
            label={places().ask}
            current={query.get("tab") ?? "conversation"}
            onChange={(name) => setQuery({ tab: name === "conversation" ? null : name })}
            tabs={[
              {
                name: "conversation",
                label: said.conversation,
                panel: () => <Talk talk={talk} open={thing} onOpen={open} onNew={() => choose(null)} onDocuments={toDocuments} />,
              },
              { name: "documents", label: said.documents, panel: () => <Documents onOpen={open} /> },
            ]}
          />
        </div>
        {thing && (
          <SidePanel title={thingWords().details} onClose={() => setQuery({ thing: null })}>
            <ThingDetails id={thing} onOpen={open} />
          </SidePanel>
        )}
      </div>
      {listing && (
        <Dialog title={said.conversations} onClose={() => setListing(false)}>
          <div class="ask-dialog">
            <SessionList current={session} onChoose={choose} />
          </div>
        </Dialog>
      )}
    </div>
  );
}
