"""One running `seseragi serve` for a test case."""

import os
import re
import subprocess


class Server:
    """Starts a server with an empty store; `stop` ends it as an operator would."""

    def __init__(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SESERAGI_")}
        self._process = subprocess.Popen(
            [
                os.environ["SESERAGI_BIN"], "serve", "--dev", "--data", ":memory:",
                "--listen", "127.0.0.1:0", "--admin-listen", "off",
                # The clients offer it, with a window of their own.
                "--compression", "on",
            ],
            stdout=subprocess.PIPE, text=True, env=environment,
        )
        for line in self._process.stdout:
            address = re.search(r"listening on (http:\S+)", line)
            if address:
                self.origin = address[1]
                break
        else:
            raise RuntimeError(f"the server ended with {self._process.wait()}")

    @property
    def host(self) -> str:
        return self.origin.removeprefix("http://")

    def stop(self) -> None:
        self._process.terminate()
        self._process.stdout.close()
        code = self._process.wait(timeout=60)
        if code != 0:
            raise RuntimeError(f"the server ended with {code}")
