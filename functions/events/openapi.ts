import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Operations',
  description:
    'For the operators of the deployment, not for people of the app: messages that failed for good, and what to do ' +
    'about them; and how far batch work has come.',
} satisfies DomainDescription
