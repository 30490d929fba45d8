// What the person at this screen has marked: read, starred. Kept in this browser alone.

const STARS = "flashwire.stars";
const READ = "flashwire.read";
const STARS_MOST = 500;
const READ_MOST = 3000;

const load = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
};
const save = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden store costs the marks, not the page.
  }
};

const stars = new Map(load(STARS).map((star) => [star.id, star]));
const read = new Set(load(READ));
let saving = null;

function keep() {
  while (stars.size > STARS_MOST) stars.delete(stars.keys().next().value);
  while (read.size > READ_MOST) read.delete(read.keys().next().value);
  clearTimeout(saving);
  saving = setTimeout(() => {
    save(STARS, [...stars.values()]);
    save(READ, [...read]);
  }, 300);
}

export const marks = {
  isRead: (id) => read.has(id),
  isStarred: (id) => stars.has(id),
  revision: (id) => (read.has(id) ? 1 : 0) + (stars.has(id) ? 2 : 0),
  stars: () => [...stars.values()].reverse(),
  read(id) {
    if (read.has(id)) return;
    read.add(id);
    keep();
  },
  toggleRead(id) {
    if (!read.delete(id)) read.add(id);
    keep();
  },
  /// `star` is `{id, headline, source, time}`.
  toggleStar(star) {
    if (!stars.delete(star.id)) stars.set(star.id, star);
    keep();
  },
  /// A withdrawn text stays nowhere.
  forget(id) {
    if (stars.delete(id)) keep();
  },
};
