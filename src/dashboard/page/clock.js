// Times as people read them; the exact instant stands in the title.

const TIME = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const SECONDS = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat([], { day: "numeric", month: "short", year: "numeric" });
const PLAIN_DATE = new Intl.DateTimeFormat([], { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export const clock = (at) => TIME.format(at);
export const seconds = (at) => SECONDS.format(at);
export const date = (at) => DATE.format(at);

/// A printed day such as 2025-06-17, which has no zone.
export const printed = (text) => {
  const at = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at.getTime()) ? text : PLAIN_DATE.format(at);
};

/// The local calendar day: equal for two instants of one day.
export const dayOf = (at) => at.toDateString();

export const dayName = (at, now = new Date()) => {
  if (dayOf(at) === dayOf(now)) return "Today";
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (dayOf(at) === dayOf(yesterday)) return "Yesterday";
  return at.getFullYear() === now.getFullYear() ? DAY.format(at) : `${DAY.format(at)} ${at.getFullYear()}`;
};

/// The time of day, with the date where that isn't today.
export const stamp = (at) => (dayOf(at) === dayOf(new Date()) ? clock(at) : `${date(at)}, ${clock(at)}`);

/// How much later, such as "+3 min".
export const later = (ms) => {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "at once";
  if (minutes < 120) return `+${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `+${hours} h` : `+${Math.round(hours / 24)} days`;
};

/// How long ago, in the coarsest unit that says enough.
export const ago = (ms) => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
};

/// A length of time as a stopwatch shows it: 02:14, 1:02:14.
export const stopwatch = (ms) => {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${two(minutes)}:${two(all % 60)}`;
};
