#!/usr/bin/env node
// All modules in few files: finding and loading hundreds of them would take longer than auditing a small table.
import '../dist/command/main.js'
