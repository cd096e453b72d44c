/** Where the prepared picture of an upload waits for the steps after it: beside the upload, and removed with it. */
export const preparedKeyOf = (objectKey: string): string => `${objectKey}.prepared.jpg`
