"""The core path with clients in another language: BromineCore for the stream, Misskey.py
for the API. Both are taken from PyPI as they are."""

import asyncio
import contextlib
import unittest
import uuid

import requests
from brcore import Bromine
from misskey import Misskey
from misskey.exceptions import MisskeyAPIException

from server import Server

EVENT_SECONDS_MAX = 10


class Listener:
    """A stream of BromineCore that puts what comes into queues."""

    def __init__(self, server: Server, token: str | None) -> None:
        self._client = Bromine(server.host, token, secure_connect=False)
        self._queues: dict[str, asyncio.Queue] = {}

    def queue(self, name: str) -> asyncio.Queue:
        return self._queues.setdefault(name, asyncio.Queue())

    def join(self, channel: str, **params) -> None:
        async def put(body: dict) -> None:
            self.queue(channel).put_nowait((body["type"], body["body"]))

        self._client.ws_connect(channel, put, **params)

    def capture(self, note_id: str) -> None:
        async def put(body: dict) -> None:
            self.queue(note_id).put_nowait((body["type"], body["body"]))

        self._client.ws_subnote(note_id, put)

    async def next(self, name: str) -> tuple[str, dict]:
        return await asyncio.wait_for(self.queue(name).get(), EVENT_SECONDS_MAX)

    async def answered(self) -> None:
        """Requests are handled in order: once this `connect` is answered, all are."""
        done = asyncio.Event()

        async def finish(_body: dict) -> None:
            done.set()

        identity = uuid.uuid4().hex
        self._client._add_ws_type_id("connected", identity, finish)
        params = {"q": [[identity]]}
        self._client._ws_send(
            "connect", {"channel": "hashtag", "id": identity, "params": params, "pong": True}
        )
        await asyncio.wait_for(done.wait(), EVENT_SECONDS_MAX)
        self._client._ws_send("disconnect", {"id": identity})

    @contextlib.asynccontextmanager
    async def running(self):
        connected = asyncio.Event()

        async def come_back() -> None:
            connected.set()

        self._client.add_comeback(come_back)
        task = asyncio.create_task(self._client.main())
        await asyncio.wait_for(connected.wait(), EVENT_SECONDS_MAX)
        await self.answered()
        yield self
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class ClientsTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.alice, self.alice_token = self.sign_up("alice")
        self.bob, self.bob_token = self.sign_up("bob")

    def sign_up(self, name: str) -> tuple[Misskey, str]:
        answer = requests.post(
            f"{self.server.origin}/api/signup",
            json={"username": name, "password": "a password"},
            timeout=EVENT_SECONDS_MAX,
        )
        answer.raise_for_status()
        token = answer.json()["token"]
        return Misskey(self.server.origin, i=token), token

    async def test_a_visitor_watches_the_local_timeline(self) -> None:
        visitor = Listener(self.server, None)
        visitor.join("localTimeline")
        async with visitor.running():
            self.bob.notes_create("for followers", visibility="followers")
            created = self.bob.notes_create("こんにちは")["createdNote"]
            kind, note = await visitor.next("localTimeline")
            self.assertEqual((kind, note["id"], note["text"]), ("note", created["id"], "こんにちは"))
            self.assertEqual(note["user"]["username"], "bob")

    async def test_a_user_follows_replies_and_is_told(self) -> None:
        alice = Listener(self.server, self.alice_token)
        alice.join("homeTimeline")
        alice.join("main")
        async with alice.running():
            self.bob.notes_create("before the follow")
            self.alice.following_create(self.bob.i()["id"])
            kinds = [(await alice.next("main"))[0] for _ in range(2)]
            self.assertEqual(sorted(kinds), ["follow", "notification"])

            created = self.bob.notes_create("hello @alice", visibility="followers")["createdNote"]
            self.assertEqual((await alice.next("homeTimeline"))[1]["id"], created["id"])
            kind, body = await self.first(alice, "main", {"mention"})
            self.assertEqual((kind, body["id"]), ("mention", created["id"]))

    async def test_a_captured_note_tells_of_reactions_and_votes(self) -> None:
        created = self.bob.notes_create("a poll", poll_choices=["yes", "no"])["createdNote"]
        alice = Listener(self.server, self.alice_token)
        alice.capture(created["id"])
        async with alice.running():
            user_id = self.alice.i()["id"]
            self.alice.notes_reactions_create(created["id"], "👍")
            kind, body = await alice.next(created["id"])
            self.assertEqual(kind, "reacted")
            self.assertEqual((body["reaction"], body["userId"]), ("👍", user_id))
            self.alice.notes_reactions_delete(created["id"])
            self.assertEqual((await alice.next(created["id"]))[0], "unreacted")
            self.alice.notes_polls_vote(created["id"], 1)
            self.assertEqual(
                await alice.next(created["id"]),
                ("pollVoted", {"choice": 1, "userId": user_id}),
            )
            self.bob.notes_delete(created["id"])
            self.assertEqual((await alice.next(created["id"]))[0], "deleted")

    async def test_timelines_over_rest(self) -> None:
        created = self.bob.notes_create("a note")["createdNote"]
        self.alice.following_create(self.bob.i()["id"])
        for timeline in (self.alice.notes_timeline, self.alice.notes_local_timeline):
            notes = timeline(with_files=False)
            self.assertEqual([note["id"] for note in notes], [created["id"]])
            self.assertEqual(timeline(), [], "it asks for notes with files, and there are none")
        self.assertEqual(self.alice.notes_show(created["id"])["text"], "a note")

    async def test_errors_are_those_of_misskey(self) -> None:
        with self.assertRaises(MisskeyAPIException) as raised:
            self.alice.notes_show("nosuchnote")
        self.assertEqual(raised.exception.code, "NO_SUCH_NOTE")

    @staticmethod
    async def first(listener: Listener, name: str, kinds: set[str]) -> tuple[str, dict]:
        while True:
            kind, body = await listener.next(name)
            if kind in kinds:
                return kind, body


if __name__ == "__main__":
    unittest.main()
