#!/usr/bin/env -S node --max-semi-space-size=4
// New objects get little space: an audit keeps hardly any of them, and would take half as much memory again.
// And all modules are in few files: finding and loading hundreds of them would take longer than auditing a small table.
import '../dist/command/main.js'
