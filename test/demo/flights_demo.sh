#!/usr/bin/env bash
# The demo holds everything that it says.
exec examples/flights/demo --check
