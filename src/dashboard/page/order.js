// What a column holds: one entry for each story, in the order of its newest version.
import { headline, isFlash } from "./event.js";

/// Entries kept; older ones are asked for again when somebody scrolls so far down.
export const MOST = 2000;

/// Milliseconds that a flash stays on top.
const PINNED = 5 * 60_000;

/// Ids of versions and withdrawals remembered.
const KNOWN = 8000;

/// One row's worth: an event, and what is known of it besides.
class Entry {
  revision = 0;
  /// The words of the version before, where this column has shown it.
  was = null;
  tally = null;
  /// Why it was taken back; `null` while it stands.
  withdrawn = null;
  /// A newer version that this column's filter keeps out.
  overtaken = null;
  ids = [];

  constructor(event) {
    this.event = event;
    this.at = event.seq;
    this.ids.push(event.id);
    // Why a stored event was taken back says the event that did it.
    if (event.withdrawnBy) this.withdrawn = "";
  }

  get pinned() {
    return this.event.live && isFlash(this.event) && this.withdrawn === null
      && Date.now() - this.event.shownAt < PINNED;
  }
}

export class Order {
  /// Oldest first.
  entries = [];
  /// The oldest position seen: what lies before it is asked for with `before`.
  oldest = Infinity;
  /// Older events may be had.
  more = true;
  /// Somebody reads far down: what is let go is let go at the top.
  far = false;
  /// The newest entries were let go so; what is told meanwhile is had on the way back.
  detached = false;

  #byId = new Map();
  #newer = new Map();
  #gone = new Map();

  get size() {
    return this.entries.length;
  }

  find(id) {
    return this.#byId.get(id);
  }

  /// Entries as they are shown, newest first, what is pinned before all.
  view() {
    const newest = this.entries.toReversed();
    const pinned = newest.filter((entry) => entry.pinned);
    return pinned.length ? [...pinned, ...newest.filter((entry) => !entry.pinned)] : newest;
  }

  /// Takes what the wire tells, in its order. True where it is a row.
  add(event) {
    this.oldest = Math.min(this.oldest, event.seq);
    event.shownAt = Date.now();
    if (event.action === "withdrawn") return this.#withdraw(event);
    if (this.#byId.has(event.id)) return false;
    const old = event.supersedes && this.#byId.get(event.supersedes.id);
    if (event.supersedes) this.#remember(this.#newer, event.supersedes.id, event.id);
    if (this.detached) return old ? this.overtake(event) : false;
    const entry = old ?? new Entry(event);
    if (old) {
      this.entries.splice(this.entries.indexOf(old), 1);
      old.was = old.withdrawn === null ? headline(old.event) : null;
      old.event = event;
      old.at = event.seq;
      old.tally = null;
      old.overtaken = null;
      old.withdrawn = event.withdrawnBy ? "" : null;
      old.ids.push(event.id);
      old.revision += 1;
    }
    this.entries.push(entry);
    this.#keep(entry);
    this.#trim();
    return true;
  }

  /// Takes a page of older events, oldest first.
  addOlder(events, more) {
    this.more = more;
    const page = [];
    for (const event of events.toReversed()) {
      this.oldest = Math.min(this.oldest, event.seq);
      if (event.supersedes) this.#remember(this.#newer, event.supersedes.id, event.id);
      if (this.#byId.has(event.id) || event.action === "withdrawn") continue;
      const newer = this.#byId.get(this.#newer.get(event.id));
      if (newer) {
        // An older version of what stands above: no row of its own.
        newer.ids.push(event.id);
        this.#byId.set(event.id, newer);
        if (newer.event.supersedes?.id === event.id && newer.withdrawn === null && !event.withdrawnBy) {
          newer.was = headline(event);
          newer.revision += 1;
        }
        continue;
      }
      if (this.#newer.has(event.id)) continue;
      const entry = new Entry(event);
      page.push(entry);
      this.#keep(entry);
    }
    this.entries.unshift(...page.reverse());
    const over = this.entries.length - MOST;
    if (over > 0) {
      // Who reads so far down doesn't see the newest: they are had again on the way back.
      for (const entry of this.entries.splice(MOST)) this.#drop(entry);
      this.detached = true;
    }
    return page.length;
  }

  /// An update that this column's filter keeps out.
  overtake(update) {
    const entry = this.#byId.get(update.supersedes?.id);
    if (!entry || entry.ids.includes(update.id) || entry.withdrawn !== null) return false;
    entry.ids.push(update.id);
    this.#byId.set(update.id, entry);
    entry.overtaken = update;
    entry.revision += 1;
    return true;
  }

  count(tally) {
    const entry = this.#byId.get(tally.id);
    if (entry?.event.id !== tally.id) return null;
    entry.tally = tally;
    entry.revision += 1;
    return entry;
  }

  #withdraw(event) {
    this.#remember(this.#gone, event.withdraws.id, event);
    const entry = this.#byId.get(event.withdraws.id);
    if (!entry) return false;
    this.#takeBack(entry, event);
    if (entry.event.id === event.withdraws.id) {
      // Who has read it must see that it no longer stands.
      this.entries.splice(this.entries.indexOf(entry), 1);
      entry.at = event.seq;
      this.entries.push(entry);
    }
    return true;
  }

  /// Drops the words of what was taken back: of the event shown, or of an older version whose
  /// wording it still quotes.
  #takeBack(entry, event) {
    const { event: shown } = entry;
    entry.was = null;
    if (shown.id === event.withdraws.id) {
      entry.withdrawn = event.withdraws.reason;
      entry.event = { ...shown, item: event.item, change: null, verdict: null };
    } else if (shown.supersedes?.id === event.withdraws.id) {
      entry.event = { ...shown, change: null, verdict: null };
    }
    if (entry.overtaken?.id === event.withdraws.id) entry.overtaken = null;
    entry.revision += 1;
  }

  /// Notes the entry of an event, which may have been taken back before it came here.
  #keep(entry) {
    for (const id of entry.ids) {
      this.#byId.set(id, entry);
      const gone = this.#gone.get(id);
      if (gone) this.#takeBack(entry, gone);
    }
  }

  #drop(entry) {
    for (const id of entry.ids) this.#byId.delete(id);
  }

  #trim() {
    if (this.entries.length <= MOST) return;
    if (this.far) {
      this.#drop(this.entries.pop());
      this.detached = true;
      return;
    }
    const gone = this.entries.shift();
    this.#drop(gone);
    this.oldest = this.entries[0].at;
    this.more = true;
  }

  #remember(known, id, value) {
    known.set(id, value);
    if (known.size > KNOWN) known.delete(known.keys().next().value);
  }
}
