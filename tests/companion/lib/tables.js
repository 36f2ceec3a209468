// The tables of a Misskey as they are at one moment, kept alike here and in PostgreSQL.

import { isDeepStrictEqual } from 'node:util';

/** How an identifier stands in SQL. */
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/** The column that tells rows of a table apart. */
export const keyOf = (columns) => ['id', 'noteId', 'userId'].find((name) => name in columns);

const ENUM = /_enum$/;

/** The type of a column as SQL; enumerations have names that want quotes. */
const typed = (type) => (ENUM.test(type) ? quoted(type) : type);

export class Tables {
  #client;
  #columns;
  #rows = new Map();

  /**
   * Creates the tables and fills them.
   * @param client a connected client of PostgreSQL
   * @param columns types of columns by table, such as `{ user: { id: 'character varying(32)' } }`
   * @param rows the rows by table
   * @param more rows whose enumerators have to be known too
   */
  static async create(client, { columns, start: rows }, more = []) {
    const tables = new Tables();
    tables.#client = client;
    tables.#columns = columns;
    await client.query(createEnums(columns, [rows, ...more]));
    for (const [table, types] of Object.entries(columns)) {
      tables.#rows.set(table, new Map());
      const defined = Object.entries(types).map(([name, type]) => `${quoted(name)} ${typed(type)}`);
      const key = quoted(keyOf(types));
      await client.query(`CREATE TABLE ${quoted(table)} (${defined.join(', ')}, PRIMARY KEY (${key}))`);
    }
    await tables.sync(rows);
    return tables;
  }

  /** The rows of a table. */
  rows(table) {
    return [...this.#rows.get(table).values()];
  }

  /** The row of a table with this key. */
  row(table, key) {
    return this.#rows.get(table).get(key);
  }

  /** Inserts a row, or puts it in the place of the one with the same key. */
  async put(table, row) {
    const columns = this.#columns[table];
    const key = keyOf(columns);
    const names = Object.keys(columns).map(quoted);
    const news = names.map((name) => `${name} = EXCLUDED.${name}`);
    // PostgreSQL itself makes arrays, enumerators and the rest out of JSON.
    await this.#client.query(
      `INSERT INTO ${quoted(table)} SELECT * FROM json_populate_record(NULL::${quoted(table)}, $1)
       ON CONFLICT (${quoted(key)}) DO UPDATE SET ${news.join(', ')}`,
      [JSON.stringify(row)],
    );
    this.#rows.get(table).set(row[key], row);
  }

  /** Changes some columns of a row, and leaves the others to whoever else writes them. */
  async change(table, key, values) {
    const row = this.row(table, key);
    if (!row) throw new Error(`no row ${key} in table ${table}`);
    const columns = this.#columns[table];
    const news = Object.keys(values).map((name) => `${quoted(name)} = wanted.${quoted(name)}`);
    await this.#client.query(
      `UPDATE ${quoted(table)} SET ${news.join(', ')}
       FROM json_populate_record(NULL::${quoted(table)}, $1) AS wanted
       WHERE ${quoted(table)}.${quoted(keyOf(columns))} = $2`,
      [JSON.stringify(values), key],
    );
    this.#rows.get(table).set(key, { ...row, ...values });
  }

  /** Deletes the rows that `unwanted` accepts. */
  async drop(table, unwanted) {
    const key = keyOf(this.#columns[table]);
    for (const row of this.rows(table).filter(unwanted)) {
      await this.#client.query(`DELETE FROM ${quoted(table)} WHERE ${quoted(key)} = $1`, [row[key]]);
      this.#rows.get(table).delete(row[key]);
    }
  }

  /**
   * Makes the tables what `wanted` says, in one transaction. Columns that a row of `wanted`
   * lacks stay as they are.
   * @returns {Promise<number>} how many rows that changed
   */
  async sync(wanted) {
    let changed = 0;
    await this.#client.query('BEGIN');
    for (const [table, rows] of Object.entries(wanted)) {
      const key = keyOf(this.#columns[table]);
      const keys = new Set(rows.map((row) => row[key]));
      const gone = (row) => !keys.has(row[key]);
      changed += this.rows(table).filter(gone).length;
      await this.drop(table, gone);
      for (const row of rows) changed += await this.#settle(table, row[key], row);
    }
    await this.#client.query('COMMIT');
    return changed;
  }

  /** Makes one row what `wanted` says; how many rows that changed. */
  async #settle(table, key, wanted) {
    const row = this.row(table, key);
    if (!row) {
      await this.put(table, wanted);
      return 1;
    }
    const news = Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(value, row[name]));
    if (news.length === 0) return 0;
    await this.change(table, key, Object.fromEntries(news));
    return 1;
  }
}

/** The enumerations of all columns, with the enumerators that some row has. */
function createEnums(columns, sets) {
  const enumerators = new Map();
  for (const [table, types] of Object.entries(columns)) {
    for (const [column, type] of Object.entries(types).filter(([, type]) => ENUM.test(type))) {
      if (!enumerators.has(type)) enumerators.set(type, new Set());
      const rows = sets.flatMap((set) => set[table] ?? []);
      for (const row of rows) if (row[column] != null) enumerators.get(type).add(row[column]);
    }
  }
  return [...enumerators].map(([type, values]) => {
    const quotedValues = [...values].map((value) => `'${value.replaceAll("'", "''")}'`);
    return `CREATE TYPE ${quoted(type)} AS ENUM (${quotedValues.join(', ')});`;
  }).join('\n');
}
