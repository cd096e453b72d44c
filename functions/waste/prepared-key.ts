/** The object key of the prepared picture, which later steps read. It lies next to the upload and is removed with it. */
export const preparedKeyOf = (objectKey: string): string => `${objectKey}.prepared.jpg`
