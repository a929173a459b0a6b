"""Connects, looks around, and is told that no message is sent."""

import sys

from gsmmodem.exceptions import CmsError
from gsmmodem.modem import GsmModem

modem = GsmModem(sys.argv[1], 115200)
modem.connect()
print(modem.manufacturer, modem.model, modem.imei)
print(f"in {modem.networkName} with {modem.signalStrength}, {len(modem.listStoredSms())} messages")
try:
    modem.sendSms("+10010000001", "hello")
except CmsError as error:
    print(f"refused with {error.code}")
modem.close()
