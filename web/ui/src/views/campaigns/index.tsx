import { Empty } from "../../design/empty";
import { PageHead } from "../../design/page-head";
import { common } from "../../i18n/common";
import { words } from "./words";

export default function View() {
  return (
    <>
      <PageHead title={common().campaigns} />
      <div class="card">
        <Empty icon="campaigns" title={words().notHere}>
          <p>{words().elsewhere}</p>
        </Empty>
      </div>
    </>
  );
}
