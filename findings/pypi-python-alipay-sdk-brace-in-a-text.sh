#!/usr/bin/env bash
# PyPI's python-alipay-sdk 3.4.0 refuses a sound answer that has a closing brace in a text.
#
# Input: a query, answered with 10000 and TRADE_SUCCESS; a shop is called "Bar }". The signature
#        verifies with openssl over the node's bytes.
# Expected: the node, as with a shop that is called "Bar".
# Seen:  AliPayValidationError. The end of the signed node is looked for by counting braces, those
#        inside of texts too. The money has moved, and the program hears of a forgery.
#
# Exit status: 0 it is still so, 1 it is not, 2 the package cannot be had.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
{ python3 -m venv venv && venv/bin/pip install --quiet python-alipay-sdk==3.4.0; } >installed 2>&1 ||
    { cat installed; exit 2; }
for pair in app alipay; do
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pair.pem" 2>/dev/null
    openssl pkey -in "$pair.pem" -pubout -out "$pair.pub"
done
cat >query.py <<'PY'
import base64
import http.server
import importlib.metadata
import platform
import subprocess
import sys
import threading

from alipay import AliPay
from alipay.exceptions import AliPayValidationError

shop = ""


def openssl(*arguments):
    return subprocess.run(["openssl", "dgst", "-sha256", *arguments, "node"], capture_output=True)


class Gateway(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        node = (
            '{"code":"10000","msg":"Success","out_trade_no":"one",'
            f'"store_name":"{shop}","total_amount":"10.25","trade_status":"TRADE_SUCCESS"}}'
        ).encode()
        with open("node", "wb") as file:
            file.write(node)
        sign = openssl("-sign", "alipay.pem").stdout
        with open("sign", "wb") as file:
            file.write(sign)
        body = b'{"alipay_trade_query_response":%s,"sign":"%s"}' % (node, base64.b64encode(sign))
        self.send_response(200)
        self.send_header("Content-Type", "text/html;charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = AliPay(
    appid="2026000000000001",
    app_private_key_string=open("app.pem").read(),
    alipay_public_key_string=open("alipay.pub").read(),
)
client._gateway = f"http://127.0.0.1:{server.server_port}/gateway.do"


def query(name):
    global shop
    shop = name
    try:
        heard = client.api_alipay_trade_query(out_trade_no="one")["trade_status"]
    except AliPayValidationError:
        heard = "AliPayValidationError"
    verified = openssl("-verify", "alipay.pub", "-signature", "sign").stdout.decode().strip()
    print(f'shop "{name}": {heard}; openssl: {verified}')
    return heard, verified


version = importlib.metadata.version("python-alipay-sdk")
print("python-alipay-sdk", version, "Python", platform.python_version())
plain, brace = query("Bar"), query("Bar }")
as_stated = plain == ("TRADE_SUCCESS", "Verified OK")
as_stated &= brace == ("AliPayValidationError", "Verified OK")
sys.exit(0 if as_stated else 1)
PY
venv/bin/python query.py
