/* Mouse, touch and keys on the plot. */
class Gestures {
  constructor(plot) {
    this.plot = plot;
    this.pointers = new Map();
    this.scrolled = -Infinity;
    plotBox.addEventListener("pointerdown", (event) => this.down(event));
    plotBox.addEventListener("pointermove", (event) => this.move(event));
    plotBox.addEventListener("pointerup", (event) => this.up(event));
    plotBox.addEventListener("pointercancel", (event) => this.cancel(event));
    plotBox.addEventListener("pointerleave", () => {
      if (!this.pointers.size) change({ cursor: state.pinned ?? FIRST });
    });
    plotBox.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    plotBox.addEventListener("dblclick", (event) => this.toFunction(event));
    plotBox.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("scroll", () => (this.scrolled = performance.now()), { passive: true });
  }

  /* A page that is being scrolled past keeps scrolling; so does one that cannot be zoomed out any further. */
  wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    const outside = event.deltaY > 0 && !sideways && state.to - state.from >= COUNT;
    if (outside || performance.now() - this.scrolled < 300) return;
    event.preventDefault();
    const amount = event.deltaMode === 1 ? 33 : 1;
    if (sideways) panBy(((event.deltaX || event.deltaY) * amount * (state.to - state.from)) / this.plot.width);
    else zoomAt(this.plot.indexAt(event.clientX), Math.exp(Math.max(-120, Math.min(120, event.deltaY * amount)) / 320));
    change({ cursor: Math.floor(this.plot.indexAt(event.clientX)) });
  }

  down(event) {
    if (event.button !== 0) return;
    plotBox.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event.clientX);
    if (this.pointers.size === 1) {
      const touch = event.pointerType !== "mouse";
      this.drag = { x: event.clientX, from: state.from, to: state.to, at: this.plot.indexAt(event.clientX), moved: false, mode: event.shiftKey ? "select" : touch && state.mode === "zoom" ? "pan" : state.mode };
    } else this.drag = null;
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (before === undefined) {
      change({ cursor: Math.floor(this.plot.indexAt(event.clientX)) });
      return;
    }
    if (this.pointers.size >= 2) this.pinch(event);
    else if (this.drag) this.dragged(event);
    this.pointers.set(event.pointerId, event.clientX);
  }

  pinch(event) {
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
    const before = Math.max(12, Math.abs(this.pointers.get(event.pointerId) - other));
    const now = Math.max(12, Math.abs(event.clientX - other));
    zoomAt(this.plot.indexAt((event.clientX + other) / 2), before / now);
  }

  dragged(event) {
    const { drag } = this;
    if (Math.abs(event.clientX - drag.x) > 4) drag.moved = true;
    if (!drag.moved) return;
    const at = this.plot.indexAt(event.clientX);
    if (drag.mode === "pan") {
      plotBox.classList.add("panning");
      const shift = ((drag.x - event.clientX) / (this.plot.width - this.plot.left)) * (drag.to - drag.from);
      setView(drag.from + shift, drag.to + shift);
    } else {
      const [low, high] = [Math.floor(Math.min(at, drag.at)), Math.ceil(Math.max(at, drag.at))];
      drag.range = [low, Math.max(high, low + 1)];
      change({ cursor: Math.floor(at), [drag.mode === "select" ? "selection" : "rubber"]: drag.range });
    }
  }

  up(event) {
    const { drag } = this;
    this.pointers.delete(event.pointerId);
    plotBox.classList.remove("panning");
    this.drag = null;
    if (!drag) return;
    if (!drag.moved) {
      const index = Math.floor(drag.at);
      if (state.pinned === index) unpin();
      else pin(index);
    } else if (drag.mode === "zoom" && drag.range) {
      change({ rubber: null });
      setView(...drag.range);
    }
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.drag = null;
    plotBox.classList.remove("panning");
    change({ rubber: null });
  }

  toFunction(event) {
    const index = Math.floor(this.plot.indexAt(event.clientX));
    const run = FUNCTION_RUNS.find(([from, to]) => from <= index && index < to);
    setView(run[0], run[1]);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const width = state.to - state.from;
    const cursor = state.cursor ?? Math.floor((state.from + state.to) / 2);
    const step = (by) => pin(Math.min(COUNT - 1, Math.max(0, cursor + by)));
    const next = (by) => {
      for (let index = cursor + by; index >= 0 && index < COUNT; index += by) if (leaks(index)) return step(index - cursor);
    };
    const actions = {
      ArrowLeft: () => (event.shiftKey ? panBy(-width / 5) : step(-1)),
      ArrowRight: () => (event.shiftKey ? panBy(width / 5) : step(1)),
      "+": () => zoomAt(cursor + 0.5, 0.6),
      "=": () => zoomAt(cursor + 0.5, 0.6),
      "-": () => zoomAt(cursor + 0.5, 1 / 0.6),
      "0": () => setView(0, COUNT),
      Home: () => step(-COUNT),
      End: () => step(COUNT),
      n: () => next(1),
      p: () => next(-1),
      Escape: () => change({ pinned: null, shaded: null, selection: null }),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
