#!/usr/bin/env bash
# Debian's own Python, for which it packages the clients; another may come first in the PATH.
exec /usr/bin/python3 test/clients/drivers.py
