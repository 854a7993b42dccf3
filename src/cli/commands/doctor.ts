import { examineSetUp } from '../../app/setup/doctor.ts'
import { networks } from '../../networks/registry.ts'
import { type Flags, isOn } from '../flags.ts'
import { redactor } from '../redactor.ts'
import { findingsJson, showFindings } from '../show/doctor.ts'
import { showJson } from '../show/json.ts'
import { fitted, paint } from '../show/text.ts'

/** `socsync doctor` */
export const doctorCommand = async (flags: Flags): Promise<void> => {
  const offline = isOn(flags, 'offline')
  const findings = await examineSetUp({ flags, env: process.env, networks, redactor, offline })
  const text = isOn(flags, 'json')
    ? showJson(findingsJson(findings))
    : showFindings(findings, paint(process.stdout, flags.color !== false))
  process.stdout.write(fitted(redactor.text(text), process.stdout, 4))
  if (findings.some(({ state }) => state === 'wrong')) process.exitCode = 2
}
