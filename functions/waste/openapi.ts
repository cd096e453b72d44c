import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Waste',
  description:
    'One analysis: open a job, upload the photo to the address that is returned, say that it is there, and follow the ' +
    'job to its answer by polling or by server-sent events.',
} satisfies DomainDescription
