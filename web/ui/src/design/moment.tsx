import { fullMoment, moment } from "../i18n/format";

/** A point in time, short; the whole of it on a closer look. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={fullMoment(at)}>
      {moment(at)}
    </time>
  );
}
