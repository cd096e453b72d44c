import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Operations',
  description:
    'For the operators of the deployment, not for people of the app: dead letters, and what to do about them; ' +
    'and the progress of batch work.',
} satisfies DomainDescription
