import { Empty } from "../../design/empty";
import { PageHead } from "../../design/page-head";
import { common } from "../../i18n/common";
import { words } from "./words";

export default function View() {
  return (
    <>
      <PageHead title={common().records} />
      <div class="card">
        <Empty icon="records" title={words().notHere}>
          <p>{words().elsewhere}</p>
        </Empty>
      </div>
    </>
  );
}
