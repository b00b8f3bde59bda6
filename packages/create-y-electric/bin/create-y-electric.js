#!/usr/bin/env node
// Committed, and not built: npm links a command when it installs, and only to a file that is there.
import '../dist/main.js'
