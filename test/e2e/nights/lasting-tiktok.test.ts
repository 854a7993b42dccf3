// @module-tag long
import { lastingNights } from './lasting-suite.ts'
import { WORLDS } from './lasting-world.ts'

lastingNights(WORLDS.tiktok)
