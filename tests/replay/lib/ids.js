// Which of our ids stands for which recorded one.

const RECORDED = /\batx8[0-9a-z]{12}\b|\batx9[0-9a-z]{12}\b|\batx[0-9a-z]{13}\b/g;
const ID = /^[0-9a-z]{16}$/;

export class Ids {
  #ours = new Map();
  #known = new Set();

  /** Notes that `recorded` is called `ours` here. */
  learn(recorded, ours) {
    this.#ours.set(recorded, ours);
    this.#known.add(ours);
  }

  /** Walks two answers side by side and learns every id that is new. */
  learnAll(recorded, ours) {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      const both = ID.test(recorded) && ID.test(ours) && recorded.match(RECORDED);
      if (both && !this.#ours.has(recorded)) this.learn(recorded, ours);
    } else if (recorded !== null && ours !== null && typeof recorded === 'object') {
      for (const key of Object.keys(recorded)) {
        if (typeof ours === 'object' && key in ours) this.learnAll(recorded[key], ours[key]);
      }
    }
  }

  /** The value with our ids; null if it has an id that nothing here stands for. */
  translate(value) {
    let unknown = false;
    const text = JSON.stringify(value).replace(RECORDED, (id) => {
      unknown ||= !this.#ours.has(id);
      return this.#ours.get(id) ?? id;
    });
    return unknown ? null : JSON.parse(text);
  }

  /** A name for what an event is about that is the same on both sides. */
  nameRecorded(id) {
    return this.#ours.get(id) ?? 'new';
  }

  nameOurs(id) {
    return this.#known.has(id) ? id : 'new';
  }
}
