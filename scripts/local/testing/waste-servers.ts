import { createResources } from '../../../functions/_lib/process/resources.ts'
import type { WasteServers } from '../../../functions/waste/testing/waste-parts.ts'
import { type ModelSimulator, startModelSimulator } from '../simulators/model/model-simulator.ts'
import { startTestParts, type TestParts } from './test-parts.ts'

export type LocalWasteServers = TestParts & { model: ModelSimulator & { apiKey: string } }

const apiKey = 'sk-test-key'

/** The servers of the waste functions: the parts of every test, and a simulated model. */
export async function startWasteServers(): Promise<LocalWasteServers> {
  const resources = createResources()
  try {
    const parts = resources.add(await startTestParts())
    const model = resources.add(await startModelSimulator({ apiKey }))
    return { ...parts, model: { ...model, apiKey }, close: resources.close } satisfies WasteServers
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}
