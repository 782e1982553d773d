"""A stand-in for Twilio's package for Python: the parts that the example in docs/emulator.md uses."""
