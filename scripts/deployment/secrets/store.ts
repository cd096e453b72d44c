import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Material } from './material.ts'

/** The values on this machine: one file each, readable by their owner alone, in a folder that git ignores. */
export type SecretStore = {
  readMaterial: (name: string) => Promise<Material | undefined>
  writeMaterial: (name: string, material: Material) => Promise<void>
  /** What a person gave for a key of a Secret. */
  readGiven: (secret: string, key: string) => Promise<string | undefined>
  givenPath: (secret: string, key: string) => string
}

export function openSecretStore(folder: string): SecretStore {
  const materialPath = (name: string) => join(folder, 'made', `${name}.json`)
  const givenPath = (secret: string, key: string) => join(folder, 'given', `${secret}.${key}`)
  return {
    readMaterial: async (name) => {
      const text = await readIfThere(materialPath(name))
      return text === undefined ? undefined : (JSON.parse(text) as Material)
    },
    writeMaterial: (name, material) => writePrivate(materialPath(name), JSON.stringify(material)),
    // A line break at the end comes from the editor.
    readGiven: async (secret, key) => (await readIfThere(givenPath(secret, key)))?.trimEnd(),
    givenPath,
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, text, { mode: 0o600 })
  // The mode of a file that was there stays as it was.
  await chmod(path, 0o600)
}
