import type { DomainDescription } from '../_lib/openapi/description.ts'

export default {
  name: 'Users',
  description: 'Profile and preferences of the signed-in person, what they had analysed, and what it adds up to.',
} satisfies DomainDescription
