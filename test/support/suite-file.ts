import { relative } from 'node:path'
import { aroundEach, expect } from 'vitest'
import { isFile, test } from './artefacts.ts'

/** Before each file of tests: what its tests make bears their names. */
const path = relative(process.cwd(), expect.getState().testPath ?? '')
isFile(path)
aroundEach((runTest, { task }) => test.run(`${path} > ${task.name}`, runTest))
