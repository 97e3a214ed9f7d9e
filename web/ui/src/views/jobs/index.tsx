import { PageHead } from "../../design/page-head";
import { common } from "../../i18n/common";

export default function View() {
  return <PageHead title={common().jobs} />;
}
