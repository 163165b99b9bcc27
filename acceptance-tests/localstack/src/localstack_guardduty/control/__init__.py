"""What a test does to the emulator rather than through it: faults, the log of calls, the clock."""
