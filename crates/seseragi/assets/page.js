// The local timeline, live: a client of the stream in one small file.

const NOTES_SHOWN_MAX = 100;
const RETRY_FIRST_MS = 500;
const RETRY_LONGEST_MS = 30_000;

const list = document.getElementById("notes");
const state = document.getElementById("state");
const template = document.getElementById("note");
const notes = new Map(); // id -> {element, note}
let socket;
let retryMs = RETRY_FIRST_MS;

async function start() {
  connect();
  try {
    const answer = await fetch("/api/notes/local-timeline", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ limit: 20 }),
    });
    if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
    for (const note of await answer.json()) add(note, "append");
  } catch (error) {
    console.warn("cannot read the notes written before", error);
  }
}

function connect() {
  const url = new URL("/streaming", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => {
    retryMs = RETRY_FIRST_MS;
    send("connect", { channel: "localTimeline", id: "local", pong: true });
    for (const id of notes.keys()) send("subNote", { id });
  };
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = () => {
    state.className = "";
    state.textContent = "reconnecting…";
    setTimeout(connect, retryMs * (0.5 + Math.random() / 2));
    retryMs = Math.min(retryMs * 2, RETRY_LONGEST_MS);
  };
}

function send(type, body) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type, body }));
}

function receive({ type, body }) {
  if (type === "connected") {
    state.className = "live";
    state.textContent = "live";
  } else if (type === "channel" && body.type === "note") {
    add(body.body, "prepend");
  } else if (type === "noteUpdated") {
    update(body);
  }
}

function add(note, where) {
  if (notes.has(note.id)) return;
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const account = `@${note.user.username}${note.user.host ? `@${note.user.host}` : ""}`;
  element.dataset.id = note.id;
  if (note.user.avatarUrl) part(".avatar").src = note.user.avatarUrl;
  part(".name").textContent = note.user.name ?? note.user.username;
  part(".user").textContent = account;
  part("time").dateTime = note.createdAt;
  part("time").textContent = new Date(note.createdAt).toLocaleTimeString();
  part(".text").textContent = note.cw ?? note.text ?? "";
  const other = note.renote ?? note.reply;
  if (other) {
    part(".context").hidden = false;
    part(".context").textContent = `${note.renote ? "renotes" : "replies to"} @${other.user.username}: ${other.text ?? ""}`;
  }
  element.classList.toggle("new", where === "prepend");
  notes.set(note.id, { element, note });
  list[where](element);
  showReactions(element, note);
  showPoll(element, note);
  send("subNote", { id: note.id });
  if (notes.size > NOTES_SHOWN_MAX) remove(list.lastElementChild.dataset.id);
}

function remove(id) {
  notes.get(id)?.element.remove();
  notes.delete(id);
  send("unsubNote", { id });
}

function update({ id, type, body }) {
  const shown = notes.get(id);
  if (!shown) return;
  const { element, note } = shown;
  if (type === "reacted" || type === "unreacted") {
    const count = (note.reactions[body.reaction] ?? 0) + (type === "reacted" ? 1 : -1);
    if (count > 0) note.reactions[body.reaction] = count;
    else delete note.reactions[body.reaction];
    showReactions(element, note);
  } else if (type === "pollVoted" && note.poll) {
    note.poll.choices[body.choice].votes += 1;
    showPoll(element, note);
  } else if (type === "deleted") {
    element.classList.add("gone");
  }
}

function showReactions(element, note) {
  const items = Object.entries(note.reactions).map(([reaction, count]) => item(`${reaction} ${count}`));
  element.querySelector(".reactions").replaceChildren(...items);
}

function showPoll(element, note) {
  if (!note.poll) return;
  const poll = element.querySelector(".poll");
  poll.hidden = false;
  poll.replaceChildren(...note.poll.choices.map((choice) => item(`${choice.text} ${choice.votes}`)));
}

function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}

start();
