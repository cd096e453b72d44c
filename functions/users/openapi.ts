import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Users',
  description: 'Profile and preferences of the signed-in person, the history of their analyses, and statistics.',
} satisfies DomainDescription
