/** Where things stand in the drawing: by forces, without chance, so that the same things always stand in the same places. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

const LENGTH = 92;
const STEPS = 260;
const REPULSION = 9000;
const SPRING = 0.09;
const GRAVITY = 0.02;
const FASTEST = 42;
/** Nearer than this, things would hide each other. */
const NEAREST = 46;
const PARTINGS = 40;

interface Body {
  x: number;
  y: number;
  vx: number;
  vy: number;
  readonly fixed: boolean;
  degree: number;
}

/** Return a place for each of `ids`. Those that are `placed` stay where they are; new ones begin beside what they belong to. */
export function arrange(
  ids: readonly string[],
  edges: readonly (readonly [string, string])[],
  placed: ReadonlyMap<string, Point> = new Map(),
): Map<string, Point> {
  const bodies = new Map<string, Body>();
  const beside = neighbours(edges);
  for (const [at, id] of ids.entries()) {
    const known = placed.get(id);
    const start = known ?? begin(id, at, beside.get(id) ?? [], bodies);
    bodies.set(id, { ...start, vx: 0, vy: 0, fixed: known !== undefined, degree: beside.get(id)?.length ?? 0 });
  }
  const springs = edges.flatMap(([a, b]) => {
    const one = bodies.get(a);
    const other = bodies.get(b);
    return one && other && one !== other ? [[one, other] as const] : [];
  });
  const all = [...bodies.values()];
  for (let step = 0; step < STEPS; step += 1) push(all, springs, 1 - step / STEPS);
  for (let round = 0; round < PARTINGS && part(all); round += 1);
  return new Map([...bodies].map(([id, { x, y }]) => [id, { x: Math.round(x), y: Math.round(y) }]));
}

/** Return a number from 0 to 1 that belongs to a text (FNV-1a). */
export function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

function begin(id: string, at: number, beside: readonly string[], bodies: ReadonlyMap<string, Body>): Point {
  const angle = 2 * Math.PI * share(id);
  const anchor = beside.map((other) => bodies.get(other)).find((body) => body !== undefined);
  const reach = anchor ? LENGTH : at === 0 ? 0 : LENGTH * Math.sqrt(at);
  return { x: (anchor?.x ?? 0) + reach * Math.cos(angle), y: (anchor?.y ?? 0) + reach * Math.sin(angle) };
}

function neighbours(edges: readonly (readonly [string, string])[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (from: string, to: string) => {
    const list = found.get(from);
    if (list) list.push(to);
    else found.set(from, [to]);
  };
  for (const [a, b] of edges) {
    add(a, b);
    add(b, a);
  }
  return found;
}

function push(all: readonly Body[], springs: readonly (readonly [Body, Body])[], warmth: number): void {
  for (const [at, one] of all.entries()) {
    for (let to = at + 1; to < all.length; to += 1) {
      const other = all[to] as Body;
      const dx = one.x - other.x || 0.5;
      const dy = one.y - other.y || 0.5;
      const force = REPULSION / Math.max(100, dx * dx + dy * dy);
      const length = Math.hypot(dx, dy);
      move(one, (force * dx) / length, (force * dy) / length);
      move(other, (-force * dx) / length, (-force * dy) / length);
    }
    move(one, -GRAVITY * one.x, -GRAVITY * one.y);
  }
  for (const [one, other] of springs) {
    const dx = other.x - one.x;
    const dy = other.y - one.y;
    const length = Math.hypot(dx, dy) || 1;
    // Things with many relations pull less at each, or all of them would lie in a heap.
    const force = (SPRING * (length - LENGTH)) / Math.max(1, Math.min(one.degree, other.degree) / 3);
    move(one, (force * dx) / length, (force * dy) / length);
    move(other, (-force * dx) / length, (-force * dy) / length);
  }
  const fastest = FASTEST * warmth + 1;
  for (const body of all) {
    if (body.fixed) continue;
    const speed = Math.hypot(body.vx, body.vy) || 1;
    const slowed = Math.min(1, fastest / speed);
    body.x += body.vx * slowed;
    body.y += body.vy * slowed;
    body.vx *= 0.55;
    body.vy *= 0.55;
  }
}

function move(body: Body, vx: number, vy: number): void {
  body.vx += vx;
  body.vy += vy;
}

/** Move things that are too near to each other apart; say whether there were any. */
function part(all: readonly Body[]): boolean {
  let any = false;
  for (const [at, one] of all.entries()) {
    for (let to = at + 1; to < all.length; to += 1) {
      const other = all[to] as Body;
      const dx = other.x - one.x || 0.5;
      const dy = other.y - one.y || 0.5;
      const length = Math.hypot(dx, dy);
      if (length >= NEAREST || (one.fixed && other.fixed)) continue;
      any = true;
      const each = (NEAREST - length) / length / (one.fixed || other.fixed ? 1 : 2);
      if (!one.fixed) {
        one.x -= dx * each;
        one.y -= dy * each;
      }
      if (!other.fixed) {
        other.x += dx * each;
        other.y += dy * each;
      }
    }
  }
  return any;
}
