/* The whole trace in a strip: where the view is, and where the chosen code ran. */
class Overview {
  constructor(canvas) {
    this.canvas = canvas;
    this.draw = eachFrame(() => this.paint());
    onChange((part) => {
      if ("from" in part || "shaded" in part || "selection" in part || "pinned" in part || "compress" in part) this.draw();
    });
    new ResizeObserver(this.draw).observe(canvas);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.go(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && this.go(event));
  }

  go(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * COUNT;
    const width = state.to - state.from >= COUNT ? COUNT / 8 : state.to - state.from;
    setView(at - width / 2, at + width / 2);
  }

  /* The curve itself changes with the theme and the size only, so it is kept. */
  ground(width, height) {
    const wanted = `${width} ${height} ${window.devicePixelRatio} ${colour("well")} ${state.compress}`;
    if (this.known === wanted) return this.kept;
    this.known = wanted;
    this.kept = document.createElement("canvas");
    const context = fitted(this.kept, width, height);
    context.fillStyle = colour("well");
    context.fillRect(0, 0, width, height);
    const painter = new Painter(context, 0, width, 0, COUNT);
    painter.hatched(0, height);
    const lane = watched ?? LANES[0];
    const strip = lane.signed === null ? lane : { ...lane, signed: false, values: lane.values.map(Math.abs) };
    const scale = new Scale(strip, state.compress, 9, height - 2);
    painter.columns(strip, scale);
    painter.infinite(strip.values, scale);
    return this.kept;
  }

  paint() {
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width) return;
    const context = fitted(this.canvas, width, height);
    context.drawImage(this.ground(width, height), 0, 0, width, height);
    const painter = new Painter(context, 0, width, 0, COUNT);
    painter.shade(state.shaded, 0, height);
    if (state.selection) this.mark(context, painter, state.selection, "accent", 0.2);
    const [x0, x1] = [painter.x(state.from), Math.max(painter.x(state.from) + 3, painter.x(state.to))];
    context.fillStyle = colour("page");
    context.globalAlpha = 0.66;
    context.fillRect(0, 0, x0, height);
    context.fillRect(x1, 0, width - x1, height);
    context.globalAlpha = 1;
    context.strokeStyle = colour("accent");
    context.lineWidth = 1.5;
    context.strokeRect(x0 + 0.75, 0.75, x1 - x0 - 1.5, height - 1.5);
    if (state.pinned !== null) {
      context.fillStyle = colour("accent");
      context.fillRect(painter.x(state.pinned + 0.5) - 0.75, 0, 1.5, height);
    }
  }

  mark(context, painter, [from, to], name, alpha) {
    context.fillStyle = colour(name);
    context.globalAlpha = alpha;
    context.fillRect(painter.x(from), 0, Math.max(2, painter.x(to) - painter.x(from)), this.canvas.clientHeight);
    context.globalAlpha = 1;
  }
}
