"""PyPI's python-alipay-sdk pays, queries and cancels: by GET, which is all that it has."""

import pathlib
import sys

from alipay import AliPay, AliPayConfig
from alipay.exceptions import AliPayValidationError

gateway, keys = sys.argv[1], pathlib.Path(sys.argv[2])
client = AliPay(
    appid="2026000000000001",
    app_private_key_string=(keys / "app.pem").read_text(),
    alipay_public_key_string=(keys / "alipay.pub").read_text(),
    sign_type="RSA2",
    config=AliPayConfig(timeout=30),
)
# It has no option for another gateway.
client._gateway = gateway


def expect(answer, **members):
    seen = {name: answer.get(name) for name in members}
    if seen != members:
        sys.exit(f"expected {members}, got {answer}")


order = {
    "out_trade_no": "pypi-1",
    "scene": "bar_code",
    "auth_code": "284612345678901234",
    "subject": "测试 a+b 100%",
    "total_amount": "10.25",
    "terminal_params": '{"terminalType":"IOT","signature":"a/b+c=="}',
}
# This answer is signed wrongly, and the client has to notice: so it does verify the others.
try:
    client.api_alipay_trade_query(out_trade_no="pypi-1")
    sys.exit("an answer that does not verify was taken")
except AliPayValidationError:
    pass

paid = client.api_alipay_trade_pay(**order)
expect(paid, code="10000", out_trade_no="pypi-1", total_amount="10.25")
found = client.api_alipay_trade_query(trade_no=paid["trade_no"])
expect(found, code="10000", trade_status="TRADE_SUCCESS", out_trade_no="pypi-1")
expect(client.api_alipay_trade_cancel(out_trade_no="pypi-1"), code="10000", action="refund")
expect(client.api_alipay_trade_query(out_trade_no="pypi-1"), trade_status="TRADE_CLOSED")
refused = client.api_alipay_trade_pay(**{**order, "out_trade_no": "pypi-2"})
expect(refused, code="40004", sub_code="ACQ.PAYMENT_AUTH_CODE_INVALID")
