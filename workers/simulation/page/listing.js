/* A long table of which only the visible part exists. */
const ITEM_HEIGHT = 27;
const GROUP_HEIGHT = 36;
const MARGIN = 400;

class Listing {
  constructor(box, body, build) {
    Object.assign(this, { box, body, build });
    this.items = [];
    this.tops = [0];
    this.draw = eachFrame(() => this.paint());
    box.addEventListener("scroll", this.draw, { passive: true });
    new ResizeObserver(this.draw).observe(box);
  }

  show(items) {
    this.items = items;
    this.tops = new Float64Array(items.length + 1);
    items.forEach((item, index) => (this.tops[index + 1] = this.tops[index] + (item.group === undefined ? ITEM_HEIGHT : GROUP_HEIGHT)));
    this.box.querySelector("table").setAttribute("aria-rowcount", items.length + 1);
    this.drawn = null;
    this.paint();
  }

  /* Rows need new marks but stay where they are. */
  refresh() {
    this.drawn = null;
    this.draw();
  }

  indexAt(y) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  paint({ all = false } = {}) {
    const top = this.box.scrollTop;
    const first = all ? 0 : this.indexAt(top - MARGIN);
    const last = all ? this.items.length : Math.min(this.items.length, this.indexAt(top + this.box.clientHeight + MARGIN) + 1);
    if (this.drawn && this.drawn[0] === first && this.drawn[1] === last) return;
    this.drawn = [first, last];
    const shown = [];
    for (let index = first; index < last; index += 1) {
      const row = this.build(this.items[index]);
      row.setAttribute("aria-rowindex", index + 2);
      shown.push(row);
    }
    this.body.replaceChildren(this.spacer(this.tops[first]), ...shown, this.spacer(this.tops[this.items.length] - this.tops[last]));
  }

  spacer(height) {
    const row = make("tr", { class: "spacer", "aria-hidden": "true" }, make("td", { colspan: "7" }));
    row.style.height = `${height}px`;
    return row;
  }

  /* Scroll the box, not the page, until the item stands a third from the top. */
  reveal(matches) {
    const index = this.items.findIndex(matches);
    if (index < 0) return false;
    const [top, height] = [this.tops[index], this.box.clientHeight];
    if (top < this.box.scrollTop + GROUP_HEIGHT || top > this.box.scrollTop + height - 3 * ITEM_HEIGHT) this.box.scrollTop = Math.max(0, top - height / 3);
    this.draw();
    return true;
  }
}
