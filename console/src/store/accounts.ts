// The users of this browser: made with one click or added by their token, and which one is in use.

import { computed, ref } from 'vue';
import { api } from 'misskey-js';
import { randomHex } from './random';
import { read, write } from './saved';

export interface Account {
  id: string;
  username: string;
  name: string | null;
  avatarUrl: string | null;
  token: string;
}

interface User {
  id: string;
  username: string;
  name: string | null;
  avatarUrl: string | null;
}

const ACCOUNTS = 'accounts';
const CURRENT = 'account';
/** What lives in a stream and what one hears there. */
const NAMES = [
  'iwana', 'yamame', 'kajika', 'suzu', 'shizuku', 'minamo', 'nagare', 'izumi', 'fuchi', 'asase',
  'koke', 'sasabune', 'kagero', 'mizube', 'oboro', 'utakata',
];

export const accounts = ref<Account[]>(read<Account[]>(ACCOUNTS, []));
const currentId = ref<string | null>(read<string | null>(CURRENT, null));

/** The user in use; `null` for a visitor. */
export const account = computed<Account | null>(
  () => accounts.value.find(({ id }) => id === currentId.value) ?? null,
);

export function choose(id: string | null): void {
  currentId.value = id;
  write(CURRENT, id);
}

export function forget(id: string): void {
  accounts.value = accounts.value.filter((known) => known.id !== id);
  write(ACCOUNTS, accounts.value);
  if (currentId.value === id) choose(null);
}

/** Signs a new user up, under a name drawn by lot. */
export async function make(): Promise<Account> {
  const name = NAMES[random(NAMES.length)];
  const username = `${name}_${random(10_000)}`;
  const client = new api.APIClient({ origin: location.origin });
  const body = { username, password: randomHex() };
  const made = (await client.request('signup' as never, body as never)) as User & { token: string };
  return add(made, made.token);
}

/** Adds the user behind a token. */
export async function addToken(token: string): Promise<Account> {
  const client = new api.APIClient({ origin: location.origin, credential: token });
  return add((await client.request('i', {})) as User, token);
}

/** Keeps what is shown of a user true. */
export function refresh(user: User): void {
  const known = accounts.value.find(({ id }) => id === user.id);
  if (known) add(user, known.token);
}

function add(user: User, token: string): Account {
  const { id, username, name, avatarUrl } = user;
  const added = { id, username, name, avatarUrl, token };
  const known = accounts.value.some((other) => other.id === id);
  accounts.value = known
    ? accounts.value.map((other) => (other.id === id ? added : other))
    : [...accounts.value, added];
  write(ACCOUNTS, accounts.value);
  return added;
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
