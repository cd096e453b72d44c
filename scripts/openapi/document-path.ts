/** The committed document, relative to the repository. */
export const documentPath = 'scripts/openapi/openapi.generated.json'
