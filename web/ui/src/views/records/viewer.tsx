/** One record: the file, what was found in it, and how. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { CopyButton } from "../../design/copy";
import { Confirm } from "../../design/dialog";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { Moment } from "../../design/moment";
import { PageHead } from "../../design/page-head";
import { Loading } from "../../design/skeleton";
import { Table } from "../../design/table";
import { bytes, number, percent } from "../../i18n/format";
import { places } from "../../i18n/places";
import { problems } from "../../i18n/problems";
import { Link, navigate } from "../../router";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { record, remove } from "./calls";
import { recordCsv } from "./exports";
import { Share } from "./field-value";
import { Fields } from "./fields";
import { Original } from "./original";
import { save } from "./originals";
import { ICONS } from "./thumb";
import type { Rem } from "./types";
import { words } from "./words";

export function Viewer({ id }: { id: string }) {
  const said = words();
  const found = useResource((signal) => record(id, signal), [id]);
  const [removing, setRemoving] = useState(false);
  const rem = found.value;
  const missing = found.error instanceof Problem && found.error.status === 404;
  return (
    <div class="records viewer">
      <PageHead
        title={rem ? rem.header.source.name : places().records}
        lead={rem?.scales.coarse ?? id}
        actions={
          <>
            <Link class="button" to="/records">
              <Icon name="left" />
              {said.backToAll}
            </Link>
            {rem && <Actions rem={rem} onRemove={() => setRemoving(true)} />}
          </>
        }
      />
      {missing && (
        <div class="card">
          <Empty icon="search" title={problems().notFound}>
            <p class="mono small">{id}</p>
          </Empty>
        </div>
      )}
      {found.error && !missing && <ErrorPanel error={found.error} onRetry={found.reload} />}
      {!rem && !found.error && <Loading />}
      {rem && (
        <div class="viewer-columns">
          <div class="stack">
            <Original rem={rem} />
            <Warnings rem={rem} />
            <Scales rem={rem} />
            <Labels rem={rem} />
            <About rem={rem} />
          </div>
          <div class="stack">
            <Fields rem={rem} />
            <Models rem={rem} />
          </div>
        </div>
      )}
      {removing && rem && (
        <Confirm
          title={said.removeTitle(rem.header.source.name)}
          action={said.remove}
          danger
          onConfirm={async () => {
            await remove(id);
            toast(said.removed, "good");
            navigate("/records");
          }}
          onClose={() => setRemoving(false)}
        >
          <p>{said.removeText}</p>
        </Confirm>
      )}
    </div>
  );
}

function Actions({ rem, onRemove }: { rem: Rem; onRemove: () => void }) {
  const said = words();
  const name = rem.header.rem_id.replace(":", "-");
  return (
    <>
      <Button icon="download" onClick={() => save(new Blob([JSON.stringify(rem, null, 2)], { type: "application/json" }), `${name}.json`)}>
        {said.exportJson}
      </Button>
      <Button icon="download" onClick={() => save(new Blob([recordCsv(rem)], { type: "text/csv" }), `${name}.csv`)}>
        {said.exportCsv}
      </Button>
      <Link class="button" to={`/graph?id=${encodeURIComponent(rem.header.rem_id)}`}>
        {said.inGraph}
      </Link>
      {may("remove_rem") && (
        <Button tone="danger" icon="trash" onClick={onRemove}>
          {said.remove}
        </Button>
      )}
    </>
  );
}

function Warnings({ rem }: { rem: Rem }) {
  const { warnings } = rem.header.quality;
  if (warnings.length === 0) return null;
  return (
    <Card title={words().warnings}>
      <ul class="warnings">
        {warnings.map((warning) => (
          <li key={warning}>
            <Icon name="alert" />
            {warning}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Scales({ rem }: { rem: Rem }) {
  const said = words();
  const { coarse, medium, fine } = rem.scales;
  return (
    <Card title={said.scales}>
      <dl class="scales">
        <div>
          <dt>{said.coarse}</dt>
          <dd dir="auto">{coarse}</dd>
        </div>
        <div>
          <dt>{said.medium}</dt>
          <dd>
            <ul>
              {medium.map((line, at) => (
                <li key={at} dir="auto">
                  {line}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>{said.fine}</dt>
          <dd class="row">
            {Object.entries(fine).map(([name, count]) => (
              <span class="tag" key={name}>
                {said.value(name)} {number(count)}
              </span>
            ))}
          </dd>
        </div>
      </dl>
    </Card>
  );
}

function Labels({ rem }: { rem: Rem }) {
  const said = words();
  const anchors = [...rem.anchors].sort((one, other) => other.salience - one.salience);
  return (
    <>
      {rem.labels.length > 0 && (
        <Card title={said.field("labels")}>
          <ul class="labels">
            {rem.labels.map((label) => (
              <li key={label.kind + label.name}>
                <span dir="auto">{label.name}</span>
                <Badge>{label.kind}</Badge>
                <Share value={label.score} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {anchors.length > 0 && (
        <Card title={said.field("anchors")}>
          <ul class="labels">
            {anchors.map((anchor) => (
              <li key={anchor.start}>
                <span dir="auto">{anchor.token}</span>
                <span class="dim small">{said.characters(number(anchor.start), number(anchor.end))}</span>
                <Share value={anchor.salience} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function About({ rem }: { rem: Rem }) {
  const said = words();
  const { header } = rem;
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    [
      said.modality,
      <Badge icon={ICONS[header.modality]} key="modality">
        {said.modalities(header.modality)}
      </Badge>,
    ],
    [said.level, said.levels(header.level)],
    [said.language, header.language ? said.languages(header.language) : "–"],
    [said.completeness, <span title={said.completenessHint}>{percent(header.quality.completeness)}</span>],
    [said.since, <Moment at={header.created_at} key="since" />],
    [said.size, bytes(header.source.bytes)],
    [said.mediaType, header.source.media_type],
    [said.schema, `${header.schema_version}, ${header.forge_version}`],
    [
      said.id,
      <span class="about-id" key="id">
        <span class="mono">{header.rem_id}</span>
        <CopyButton text={header.rem_id} />
      </span>,
    ],
  ];
  return (
    <Card title={said.about}>
      <dl class="properties">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Models({ rem }: { rem: Rem }) {
  const said = words();
  const { models } = rem.header;
  return (
    <Card title={said.models} flush={models.length > 0}>
      {models.length === 0 ? (
        <p class="dim">{said.noModels}</p>
      ) : (
        <Table
          caption={said.models}
          rows={models}
          keyOf={(model) => model.name + model.sha256}
          columns={[
            { name: "name", head: said.model, cell: (model) => <span class="mono">{model.name}</span> },
            { name: "version", head: said.version, cell: (model) => <span title={model.sha256}>{model.version}</span> },
            { name: "device", head: said.device, cell: (model) => `${model.device}, ${model.dtype}` },
            { name: "licence", head: said.licence, cell: (model) => model.licence ?? "–" },
          ]}
        />
      )}
    </Card>
  );
}
