// Nothing under the finger: after a screen has changed, nothing reacts until every pointer and key is up and
// half a second has passed without another tap; and nothing that marks, takes, casts or wipes (`data-acts`)
// lies where the last tap was.
//
// Danger: a double tap on a button would otherwise press whatever the next screen puts there. Typing is never
// stopped.

const QUIET = 500;
const PRESSING = new Set(["Enter", " "]);
const ROOM = 12;

export class Guard {
  readonly #root: HTMLElement;
  #until = 0;
  #down = new Set<number>();
  #held = new Set<string>();
  /** A press that began on an earlier screen, or too soon: its click is none. */
  #early = false;
  #last: { readonly x: number; readonly y: number } | null = null;

  /** `root` is what is redrawn; it is moved down where needed. */
  constructor(root: HTMLElement) {
    this.#root = root;
    const capture = { capture: true } as const;
    addEventListener("pointerdown", (event) => this.#press(event), capture);
    for (const end of ["pointerup", "pointercancel"] as const)
      addEventListener(end, (event) => this.#lift(event), capture);
    addEventListener("keydown", (event) => this.#key(event), capture);
    addEventListener("keyup", (event) => this.#keyUp(event), capture);
    addEventListener("click", (event) => this.#click(event), capture);
    addEventListener("submit", (event) => this.#refuseIfEarly(event), capture);
    addEventListener("blur", () => this.#held.clear());
  }

  /** A screen has changed. Call it after the new one is drawn. */
  changed(): void {
    this.#wait();
    this.#early = this.#down.size > 0;
    this.#makeRoom();
  }

  get #tooSoon(): boolean {
    return performance.now() < this.#until;
  }

  #press(event: PointerEvent): void {
    this.#early = this.#tooSoon;
    this.#down.add(event.pointerId);
    this.#last = { x: event.clientX, y: event.clientY };
    if (this.#early) this.#wait();
  }

  #lift(event: PointerEvent): void {
    this.#down.delete(event.pointerId);
    if (this.#early) this.#wait();
  }

  #key(event: KeyboardEvent): void {
    if (!PRESSING.has(event.key)) return;
    const early = event.repeat || this.#held.has(event.key) || this.#tooSoon;
    this.#held.add(event.key);
    if (!early || isTyped(event)) return;
    this.#wait();
    refuse(event);
  }

  #keyUp(event: KeyboardEvent): void {
    // A space bar presses when it is let go: what went down on another screen presses nothing here.
    if (PRESSING.has(event.key) && this.#tooSoon && !isTyped(event)) refuse(event);
    this.#held.delete(event.key);
  }

  #click(event: MouseEvent): void {
    this.#refuseIfEarly(event);
    if (event.detail > 0) this.#early = false;
  }

  #refuseIfEarly(event: Event): void {
    if (!this.#early && !this.#tooSoon) return;
    this.#wait();
    refuse(event);
  }

  /** Half a second from now: whoever goes on tapping waits on. `data-quiet` says so on the page. */
  #wait(): void {
    this.#until = Math.max(this.#until, performance.now() + QUIET);
    if (this.#root.hasAttribute("data-quiet")) return;
    this.#root.setAttribute("data-quiet", "");
    this.#watch();
  }

  #watch(): void {
    const left = this.#until - performance.now();
    if (left > 0 || this.#down.size > 0) setTimeout(() => this.#watch(), Math.max(left, 20));
    else this.#root.removeAttribute("data-quiet");
  }

  /** Move what is drawn down until nothing that acts lies where the last tap was. */
  #makeRoom(): void {
    this.#root.style.paddingTop = "";
    const at = this.#last;
    if (at === null) return;
    const before = Number.parseFloat(getComputedStyle(this.#root).paddingTop) || 0;
    for (let more = 0; more < 1200; ) {
      const under = [...this.#root.querySelectorAll<HTMLElement>("[data-acts]")]
        .map((each) => each.getBoundingClientRect())
        .find(
          (box) =>
            at.x > box.left - ROOM &&
            at.x < box.right + ROOM &&
            at.y > box.top - ROOM &&
            at.y < box.bottom + ROOM,
        );
      if (under === undefined) return;
      more += Math.ceil(at.y - under.top + ROOM + 1);
      this.#root.style.paddingTop = `${before + more}px`;
    }
  }
}

function refuse(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Enter and space inside a field are text, or send what has been typed. */
function isTyped(event: KeyboardEvent): boolean {
  const at = event.target;
  return at instanceof HTMLInputElement && at.type !== "radio" && at.type !== "checkbox" && !event.repeat;
}
