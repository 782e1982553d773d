"""The HTTP client, with the signature of Twilio's."""
import base64
import urllib.parse
import urllib.request


class Response:
    def __init__(self, status_code, text):
        self.status_code = status_code
        self.text = text


class TwilioHttpClient:
    def request(
        self,
        method,
        url,
        params=None,
        data=None,
        headers=None,
        auth=None,
        timeout=None,
        allow_redirects=False,
    ):
        if params:
            url += "?" + urllib.parse.urlencode(params)
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)
        if auth:
            pair = ":".join(auth).encode()
            request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
        with urllib.request.urlopen(request, timeout=timeout or 10) as response:
            return Response(response.status, response.read().decode())
