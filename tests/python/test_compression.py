"""Compressed messages under `websockets`: they say the same as plain ones."""

import asyncio
import json
import unittest

import requests
from websockets.asyncio.client import ClientConnection, connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from server import Server

EVENT_SECONDS_MAX = 10
CONNECT = {"channel": "localTimeline", "id": "the local one", "pong": True}

# How the client wants it.
SETTINGS = [
    {},
    {"client_max_window_bits": True},
    {"client_max_window_bits": 9, "client_no_context_takeover": True},
    {"server_no_context_takeover": True},
    {"server_max_window_bits": 12, "server_no_context_takeover": True},
]


class CompressionTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.token = self.post("signup", username="bob", password="a password")["token"]

    def post(self, endpoint: str, **body) -> dict:
        url = f"{self.server.origin}/api/{endpoint}"
        answer = requests.post(url, json=body, timeout=EVENT_SECONDS_MAX)
        answer.raise_for_status()
        return answer.json()

    async def test_the_same_comes_compressed(self) -> None:
        url = self.server.origin.replace("http", "ws") + "/streaming"
        for settings in SETTINGS:
            deflate = ClientPerMessageDeflateFactory(**settings)
            with self.subTest(**settings):
                async with (
                    connect(url, compression=None) as plain,
                    connect(url, compression=None, extensions=[deflate]) as small,
                ):
                    self.assertEqual(plain.response.headers.get("Sec-WebSocket-Extensions"), None)
                    agreed = small.response.headers["Sec-WebSocket-Extensions"]
                    self.assertIn("server_no_context_takeover", agreed)
                    streams = [plain, small]
                    for stream in streams:
                        await stream.send(json.dumps({"type": "connect", "body": CONNECT}))
                        self.assertIn('"connected"', await self.next(stream))
                    for text in ("short", " ".join(str(n * n) for n in range(400)), "せせらぎ" * 700):
                        self.post("notes/create", i=self.token, text=text)
                        texts = [await self.next(stream) for stream in streams]
                        self.assertEqual(json.loads(texts[0])["body"]["body"]["text"], text)
                        self.assertEqual(texts[1], texts[0])

    @staticmethod
    async def next(stream: ClientConnection) -> str:
        return await asyncio.wait_for(stream.recv(), EVENT_SECONDS_MAX)


if __name__ == "__main__":
    unittest.main()
