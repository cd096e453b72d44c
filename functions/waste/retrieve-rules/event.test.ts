import { startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { stepEvents } from '../testing/step-events.ts'
import { start } from './main.ts'

describeEventFunction({ name: 'waste-retrieve-rules', start, ...stepEvents(2, startWasteServers), replies: true })
