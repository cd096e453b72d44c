/** An event before it is on the wire. `attributes` are all but the type of the data. */
export type PlainEvent = {
  attributes: Readonly<Record<string, string>>
  contentType: string | undefined
  data: string
}

/** A request as it is sent. Header values are bytes, one to a character. */
export type WireMessage = { headers: Record<string, string>; body: Uint8Array }

type Verdict = 'accepted' | 'refused'

export type Scenario = {
  name: string
  /** The rule that demands it, or why receivers differ. */
  rule: string
  /** Makes, of any event, the event that the message stands for and a receiver must parse. */
  meant: (event: PlainEvent) => PlainEvent
  write: (meant: PlainEvent) => WireMessage
  /** The ingress of the RabbitMQ broker, which passes on data of any kind. */
  broker: Verdict
  /** Attributes that its dispatcher forwards with another value, since it neither decodes nor encodes them. */
  passed: Readonly<Record<string, string>>
  /** A function, which takes nothing but JSON. */
  reader: Verdict
  /** Its data is of another kind than that of the event it was made of, so no contract is met. */
  hasOwnData: boolean
}

/** The event of the official scenarios. */
export const officialEvent: PlainEvent = {
  attributes: {
    specversion: '1.0',
    type: 'com.example.someevent',
    time: '2018-04-05T03:56:24Z',
    id: '1234-1234-1234',
    source: '/mycontext/subcontext',
  },
  contentType: 'application/json',
  data: '{\n    "message": "Hello World!"\n}',
}

const structuredType = 'application/cloudevents+json'
const isJson = (contentType: string | undefined) => /json/.test(contentType ?? 'json')

function binary({ attributes, contentType, data }: PlainEvent): WireMessage {
  const named = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])
  const headers = { ...Object.fromEntries(named), ...(contentType !== undefined && { 'content-type': contentType }) }
  return { headers, body: Buffer.from(data) }
}

const envelopeOf = ({ attributes, contentType, data }: PlainEvent) => ({
  ...attributes,
  ...(contentType !== undefined && { datacontenttype: contentType }),
  ...(data !== '' && { data: isJson(contentType) ? (JSON.parse(data) as unknown) : data }),
})

const structuredText = (body: string | Uint8Array, type = structuredType): WireMessage => ({
  headers: { 'content-type': type },
  body: Buffer.from(body),
})
/** Members that are undefined are left out. */
const structured = (event: PlainEvent, changes: object = {}, type = structuredType): WireMessage =>
  structuredText(JSON.stringify({ ...envelopeOf(event), ...changes }), type)

type Over = Partial<Pick<Scenario, 'meant' | 'broker' | 'passed' | 'reader' | 'hasOwnData'>>
const scenario = (name: string, rule: string, write: Scenario['write'], over: Over = {}): Scenario => ({
  ...{
    name,
    rule,
    write,
    meant: (event) => event,
    broker: 'accepted',
    passed: {},
    reader: 'accepted',
    hasOwnData: false,
  },
  ...over,
})
const refused: Over = { broker: 'refused', reader: 'refused' }
/** Accepted by the broker and forwarded with these values, for a function to refuse. */
const passedOn = (passed: Record<string, string> = {}): Over => ({ passed, reader: 'refused' })

const withAttributes = (changes: Record<string, string>): Over => ({
  meant: (event) => ({ ...event, attributes: { ...event.attributes, ...changes } }),
})
const withData = (contentType: string | undefined, data: string): Over => ({
  meant: (event) => ({ ...event, contentType, data }),
  hasOwnData: true,
})
const withoutAttribute = (event: PlainEvent, name: string): PlainEvent => {
  const { [name]: _, ...attributes } = event.attributes
  return { ...event, attributes }
}
/** Binary, with headers other than those that the event would have; undefined leaves one out. */
const binaryWith = (changes: Record<string, string | undefined>) => (event: PlainEvent) => {
  const { headers, body } = binary(event)
  const changed = Object.entries({ ...headers, ...changes }).filter((entry) => entry[1] !== undefined)
  return { headers: Object.fromEntries(changed) as Record<string, string>, body }
}
const structuredWith = (changes: object) => (event: PlainEvent) => structured(event, changes)

const feature = 'conformance, http-protocol-binding.feature'
const minimum = 'conformance, v1_minimum.yaml'
const jsonEvents = 'conformance, format/json'
const binding = (paragraph: string) => `http-protocol-binding ${paragraph}`
const core = (attribute: string) => `spec, ${attribute}`

const official: Scenario[] = [
  ...['application/json', 'application/json; charset=utf-8'].map((contentType) =>
    scenario(`binary mode with ${contentType}`, feature, binary, { meant: (event) => ({ ...event, contentType }) }),
  ),
  ...[structuredType, `${structuredType}; charset=utf-8`].map((type) =>
    scenario(`structured mode as ${type}`, feature, (event) => structured(event, {}, type)),
  ),
]

const kindsOfData: [name: string, contentType: string, data: string][] = [
  ['text in ASCII', 'text/plain; charset=us-ascii', 'Hello, World!\n'],
  ['text in UTF-8', 'text/plain; charset=utf-8', 'Hello, 🌎!\n'],
  ['a JSON string', 'application/json; charset=utf-8', '"Hello, 🌎!"'],
  ['a JSON object', 'application/json; charset=utf-8', '{"msg":"Hello, 🌎!"}'],
  ['a JSON array', 'application/json; charset=utf-8', '["Hello","🌎!"]'],
  ['XML', 'application/xml; charset=utf-8', '<msg>Hello, 🌎!</msg>\n'],
]
const data: Scenario[] = [
  ...kindsOfData.flatMap(([name, contentType, text]) => [
    scenario(`binary mode, data is ${name}`, minimum, binary, {
      ...withData(contentType, text),
      reader: isJson(contentType) ? 'accepted' : 'refused',
    }),
    scenario(`structured mode, data is ${name}`, minimum, structured, withData(contentType, text)),
  ]),
  scenario('binary mode, no data', binding('3.1.2'), binary, withData('application/json', '')),
  scenario('structured mode, no data', binding('3.2'), structured, withData(undefined, '')),
  scenario('binary mode, no type of data', binding('3.1.1'), binary, {
    meant: (event) => ({ ...event, contentType: undefined }),
  }),
  scenario('structured mode, bytes', 'json-format 3.1.1', (event) =>
    structured(event, { data: undefined, data_base64: Buffer.from(event.data).toString('base64') }),
  ),
  scenario(
    'structured mode, digits beyond those of a double',
    'json-format 3.1.1',
    (event) =>
      structuredText(
        JSON.stringify(envelopeOf({ ...event, data: '7' })).replace('"data":7', '"data":[1376016924429759243,1.0]'),
      ),
    { ...withData('application/json', '[1376016924429759243,1.0]') },
  ),
  scenario('binary mode, data is not the JSON that it says', 'data is opaque to a broker', binary, {
    ...withData('application/json', '{"message":'),
    reader: 'refused',
  }),
  scenario(
    'binary mode, data is not UTF-8',
    'data is opaque to a broker',
    (event) => ({ ...binary(event), body: Buffer.from([0x22, 0xc0, 0xa0, 0x22]) }),
    // What a decoder makes of those two bytes.
    { ...withData('application/json', '"\ufffd\ufffd"'), reader: 'refused' },
  ),
  scenario('both data and data_base64', 'json-format 3.1.1', structuredWith({ data: {}, data_base64: 'e30=' }), {
    ...withData('application/json', '{}'),
    ...passedOn(),
  }),
  ...['e!30=', 'e30', 7].map((data_base64) =>
    scenario(
      `data_base64 is ${JSON.stringify(data_base64)}`,
      'json-format 3.1.1',
      structuredWith({ data: undefined, data_base64 }),
      refused,
    ),
  ),
]

const modes: Scenario[] = [
  scenario('media type of the structured mode in other case', binding('3'), (event) =>
    structured(event, {}, 'Application/CloudEvents+JSON; Charset=UTF-8'),
  ),
  scenario('names of headers in upper case', binding('3.1.3.1'), (event) => {
    const { headers, body } = binary(event)
    return {
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
      body,
    }
  }),
  scenario('structured mode wins over headers', binding('3.2.2'), (event) => {
    const { headers, body } = structured(event)
    return { headers: { ...headers, 'ce-id': 'other', 'ce-specversion': '7', 'ce-note': 'other' }, body }
  }),
  ...['application/cloudevents-batch+json', 'Application/CloudEvents-Batch+JSON; charset=utf-8'].map((type) =>
    scenario(
      `a batch as ${type}`,
      binding('3.3'),
      (event) => structuredText(JSON.stringify([envelopeOf(event)]), type),
      refused,
    ),
  ),
  ...['application/cloudevents', 'application/cloudevents+xml', 'application/cloudevents+jsonx'].map((type) =>
    scenario(`structured mode as ${type}`, binding('3.2'), (event) => structured(event, {}, type), refused),
  ),
  scenario('JSON that is no event', binding('3.1'), () => structuredText('{}', 'application/json'), refused),
  scenario('nothing at all', binding('3.1'), () => ({ headers: {}, body: Buffer.alloc(0) }), refused),
  scenario('structured mode, not JSON', 'json-format 2', () => structuredText('{"specversion":'), refused),
  scenario(
    'structured mode, no object',
    'json-format 3',
    (event) => structuredText(JSON.stringify([envelopeOf(event)])),
    refused,
  ),
  scenario(
    'structured mode, not UTF-8',
    'json-format 3',
    (event) => structuredText(Buffer.from(JSON.stringify({ ...envelopeOf(event), note: '\xff' }), 'latin1')),
    refused,
  ),
]

const bytesOf = (text: string) => Buffer.from(text).toString('latin1')
const headerValues: Scenario[] = [
  ...(
    [
      ['percent-encoded', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
      ['with hex in lower case', '%e2%82%ac', '€'],
      ['encoded without need', '%41%2Fb', 'A/b'],
      ['decoded once only', '%2541%252C', '%41%2C'],
      ['a percent sign alone', '100%', '100%'],
      ['a quoted string', '"a \\"quoted\\" text"', 'a "quoted" text'],
      ['unquoted before it is decoded', '"%22\\%41%22"', '"A"'],
      ['UTF-8 as it is, as other SDKs send', bytesOf('한글 €'), '한글 €'],
    ] as const
  ).map(([name, value, note]) =>
    scenario(`header value ${name}`, binding('3.1.3.2'), binaryWith({ 'ce-note': value }), {
      ...withAttributes({ note }),
      passed: { note: Buffer.from(value, 'latin1').toString() },
    }),
  ),
  ...['%C0%A0', '%FF', '%ED%A0%80', '"%FF"'].map((value) =>
    scenario(
      `header value ${JSON.stringify(value)}, no UTF-8`,
      binding('3.1.3.2'),
      binaryWith({ 'ce-note': value }),
      passedOn({ note: value }),
    ),
  ),
  scenario('header value "\\xff", no UTF-8', binding('3.1.3.2'), binaryWith({ 'ce-note': '\xff' }), refused),
  scenario('ce-datacontenttype', binding('3.1.1'), binaryWith({ 'ce-datacontenttype': 'application/json' }), refused),
]

const requiredNames = ['id', 'source', 'type', 'specversion']
const required: Scenario[] = requiredNames.flatMap((name) => [
  scenario(`binary mode without ${name}`, core(name), (event) => binary(withoutAttribute(event, name)), refused),
  scenario(`binary mode, ${name} empty`, core(name), binaryWith({ [`ce-${name}`]: '' }), refused),
  scenario(
    `structured mode without ${name}`,
    jsonEvents,
    (event) => structured(withoutAttribute(event, name)),
    refused,
  ),
  ...['', null, 1, { a: 1 }].map((value) =>
    scenario(
      `structured mode, ${name} is ${JSON.stringify(value)}`,
      jsonEvents,
      structuredWith({ [name]: value }),
      refused,
    ),
  ),
])

const versions: Scenario[] = [
  ...['1', '1.1', '2.0', '19.0', '9000.1', '0.9'].map((version) =>
    scenario(`version ${version}`, core('specversion'), binaryWith({ 'ce-specversion': version }), refused),
  ),
  scenario('version 0.3', 'accepted by the broker, I3; functions accept 1.0 only', binary, {
    ...withAttributes({ specversion: '0.3' }),
    reader: 'refused',
  }),
]

const attributes: Scenario[] = [
  scenario('source that is a fragment', jsonEvents, binary, withAttributes({ source: '#fragment' })),
  ...['a b', 'caf\u00e9', 'a%zz'].map((source) =>
    scenario(
      `source ${JSON.stringify(source)}, no URI reference`,
      core('source'),
      structuredWith({ source }),
      // Escaped where it can be.
      source === 'a%zz' ? refused : passedOn({ source: encodeURI(source) }),
    ),
  ),
  ...['2018-04-05T12:56:24+09:00', '2018-04-05T03:56:24.000000000Z', '2018-04-05t03:56:24z'].map((time) =>
    scenario(
      `time ${time}`,
      time.includes('t') ? 'RFC 3339, which Go takes in capitals alone' : 'RFC 3339',
      binaryWith({ 'ce-time': time }),
      { ...withAttributes({ time: '2018-04-05T03:56:24Z' }), broker: time.includes('t') ? 'refused' : 'accepted' },
    ),
  ),
  ...[
    ...['lunchtime', '2018-04-05', '2018-04-05T18:31Z', '2018-04-05T18:31:00', '2018-04-05T18:31:00X'],
    ...['2018-04-05T18:31:00+25:00', '2018-04-05T18:31:00+xx:00', '2018-04-05T18:31:00+05', '2018-02-30T00:00:00Z'],
  ].map((time) => scenario(`time ${time}, no timestamp`, jsonEvents, structuredWith({ time }), refused)),
  scenario('structured mode, optional attributes null', jsonEvents, (event) =>
    structured(event, {
      dataschema: null,
      note: null,
      ...(event.attributes.subject === undefined && { subject: null }),
    }),
  ),
  scenario(
    'structured mode, extensions of every JSON type',
    'spec, type system',
    structuredWith({ extinteger: -10, extboolean: true, exturi: 'https://example.com', extbinary: 'TWE=' }),
    withAttributes({ extinteger: '-10', extboolean: 'true', exturi: 'https://example.com', extbinary: 'TWE=' }),
  ),
  scenario('extension that begins with a digit', core('naming'), binary, withAttributes({ '2ndattempt': 'yes' })),
  scenario('extension 1.5, cut to 1', 'spec, type system', structuredWith({ note: 1.5 }), passedOn({ note: '1' })),
  ...[2 ** 31, ['a'], { a: 1 }].map((note) =>
    scenario(`extension ${JSON.stringify(note)}, of no type`, 'spec, type system', structuredWith({ note }), refused),
  ),
  ...['my-extension', 'my_extension'].map((name) =>
    scenario(`header ce-${name}, no name`, core('naming'), binaryWith({ [`ce-${name}`]: 'bad' }), refused),
  ),
  scenario('header ce-data, no name', core('naming'), binaryWith({ 'ce-data': 'bad' }), passedOn({ data: 'bad' })),
  ...['my.extension', ''].map((name) =>
    scenario(`structured mode, attribute "${name}", no name`, jsonEvents, structuredWith({ [name]: 'bad' }), refused),
  ),
  scenario(
    'structured mode, attribute "MyExtension", no name',
    jsonEvents,
    structuredWith({ MyExtension: 'bad' }),
    passedOn({ myextension: 'bad' }),
  ),
  ...['subject', 'dataschema'].map((name) =>
    scenario(
      `structured mode, ${name} empty`,
      `${jsonEvents}; the broker takes it for absent, as its SDK does`,
      structuredWith({ [name]: '' }),
      { meant: (event) => withoutAttribute(event, name), reader: 'refused' },
    ),
  ),
  scenario('structured mode, type of data is none', jsonEvents, structuredWith({ datacontenttype: 'xyz' }), refused),
  scenario('binary mode, type of data is none', binding('3.1.1'), binary, {
    meant: (event) => ({ ...event, contentType: 'xyz' }),
    ...passedOn(),
  }),
  ...['%00', '%1F', '%7F'].map((value) =>
    scenario(
      `control character ${value}`,
      'spec, type system; passed on by the broker',
      binaryWith({ 'ce-note': value }),
      {
        ...withAttributes({ note: decodeURIComponent(value) }),
        ...passedOn({ note: value }),
      },
    ),
  ),
]

/** What receivers of CloudEvents over HTTP must do: one table for the broker, the functions and the parser that they share. */
export const cloudEventScenarios: readonly Scenario[] = [
  ...official,
  ...data,
  ...modes,
  ...headerValues,
  ...required,
  ...versions,
  ...attributes,
]
