"""The client, which calls its HTTP client as Twilio's does."""
import json
from types import SimpleNamespace


class Client:
    def __init__(self, username=None, password=None, account_sid=None, region=None, http_client=None):
        self.auth = (username, password)
        self.http_client = http_client
        self.verify = SimpleNamespace(v2=SimpleNamespace(services=self._service))

    def _service(self, sid):
        def create(to, channel):
            response = self.http_client.request(
                "POST",
                f"https://verify.twilio.com/v2/Services/{sid}/Verifications",
                params=None,
                data={"To": to, "Channel": channel},
                headers={"Accept": "application/json"},
                auth=self.auth,
                timeout=None,
                allow_redirects=False,
            )
            return SimpleNamespace(**json.loads(response.text))

        return SimpleNamespace(verifications=SimpleNamespace(create=create))
