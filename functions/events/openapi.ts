import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Operations',
  description:
    'For the operators of the deployment, not for people of the app: messages that failed for good, and what to do ' +
    'about them.',
} satisfies DomainDescription
