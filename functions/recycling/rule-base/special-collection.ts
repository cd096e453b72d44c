import type { RuleInput } from './rule.ts'
import { municipalPractice, nationalGuideline } from './sources.ts'

export const specialCollectionRules: RuleInput[] = [
  {
    code: 'CLOTHES',
    title: { ko: '의류·신발·가방', en: 'Clothes, shoes and bags' },
    waste_type: 'textile',
    recyclable: true,
    placement: {
      ko: '물기 없이 봉투에 담아 의류 수거함에 넣어 주세요.',
      en: 'Bag it dry and put it in the clothes bank.',
    },
    includes: [
      { ko: '옷', en: 'garment' },
      { ko: '신발', en: 'pair of shoes' },
      { ko: '가방', en: 'handbag' },
    ],
    excludes: [
      { ko: '솜이불', en: 'padded quilt', category: 'BULKY' },
      { ko: '베개', en: 'pillow', category: 'GENERAL' },
      { ko: '카펫', en: 'carpet', category: 'BULKY' },
    ],
    steps: [
      {
        verb: 'dry',
        ko: '깨끗하고 물기 없는 상태로 준비해 주세요.',
        en: 'Make sure that it is clean and dry.',
        covers: ['wet', 'soiled'],
      },
      {
        verb: 'put',
        ko: '신발은 짝을 묶고, 모두 봉투에 담아 의류 수거함에 넣어 주세요.',
        en: 'Tie shoes in pairs, bag everything and put it in the clothes bank.',
      },
    ],
    warnings: [{ ko: '주머니에 남은 물건이 없는지 확인해 주세요.', en: 'Check that nothing is left in the pockets.' }],
    condition_notes: [
      {
        condition: 'contaminated',
        moves_to: 'GENERAL',
        ko: '빨아도 지워지지 않게 오염된 옷은 종량제 봉투에 버려 주세요.',
        en: 'Clothes too dirty to be washed clean go in the standard bag.',
      },
      {
        condition: 'broken',
        moves_to: 'GENERAL',
        ko: '심하게 해져 입을 수 없는 것은 종량제 봉투에 버려 주세요.',
        en: 'What is too torn to be worn goes in the standard bag.',
      },
      { condition: 'wet', ko: '말린 뒤에 배출해 주세요.', en: 'Let it dry first.' },
      { condition: 'soiled', ko: '세탁해서 말린 뒤에 배출해 주세요.', en: 'Wash and dry it first.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'BATTERY',
    title: { ko: '폐건전지·배터리', en: 'Battery' },
    waste_type: 'battery',
    recyclable: true,
    placement: {
      ko: '주민센터나 아파트의 폐건전지 전용 수거함에 넣어 주세요.',
      en: 'Put it in a battery collection box, at a community centre or in your building.',
    },
    includes: [
      { ko: '건전지', en: 'dry cell' },
      { ko: '보조배터리', en: 'power bank' },
      { ko: '충전지', en: 'rechargeable battery' },
      { ko: '단추형 전지', en: 'button cell' },
    ],
    excludes: [
      { ko: '휴대전화', en: 'mobile phone', category: 'EWASTE' },
      { ko: '형광등', en: 'fluorescent lamp', category: 'LAMP' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '제품에서 전지를 빼 주세요.',
        en: 'Take the battery out of the device.',
        covers: ['mixed_materials'],
      },
      {
        verb: 'insulate',
        ko: '리튬 전지와 보조배터리는 단자에 테이프를 붙여 주세요.',
        en: 'Put tape over the contacts of lithium cells and power banks.',
      },
      { verb: 'put', ko: '전용 수거함에 넣어 주세요.', en: 'Put it in the battery collection box.' },
    ],
    warnings: [
      {
        ko: '불이 날 수 있으니 종량제 봉투에 절대 넣지 마세요.',
        en: 'Never put it in a standard bag: it can start a fire.',
      },
    ],
    condition_notes: [
      {
        condition: 'swollen',
        ko: '부풀거나 새는 배터리는 충격을 주지 말고 단자를 절연한 뒤 주민센터에 문의해 주세요.',
        en: 'Handle a swollen or leaking battery gently, tape its contacts and ask your community centre.',
      },
      {
        condition: 'broken',
        ko: '깨진 배터리는 맨손으로 만지지 말고 단자를 절연해 따로 담아 주세요.',
        en: 'Do not touch a damaged battery with bare hands; tape its contacts and keep it apart.',
      },
      {
        condition: 'wet',
        ko: '젖은 배터리는 충전하지 말고 물기를 닦은 뒤 배출해 주세요.',
        en: 'Do not charge a wet battery; wipe it dry before you hand it in.',
      },
      { condition: 'mixed_materials', ko: '제품에서 전지를 빼 주세요.', en: 'Take the battery out of the device.' },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'LAMP',
    title: { ko: '형광등', en: 'Fluorescent lamp' },
    waste_type: 'lamp',
    recyclable: true,
    placement: {
      ko: '깨지지 않게 폐형광등 전용 수거함에 넣어 주세요.',
      en: 'Put it unbroken in the lamp collection box.',
    },
    includes: [
      { ko: '직관형 형광등', en: 'fluorescent tube' },
      { ko: '안정기 내장형 램프', en: 'compact fluorescent lamp' },
    ],
    excludes: [
      { ko: '백열전구', en: 'light bulb', category: 'NONBURN' },
      { ko: '깨진 형광등', en: 'broken fluorescent lamp', category: 'NONBURN' },
    ],
    steps: [
      {
        verb: 'wrap',
        ko: '깨지지 않게 원래 포장이나 신문지로 감싸 주세요.',
        en: 'Wrap it in its packaging or in newspaper so that it does not break.',
      },
      {
        verb: 'put',
        ko: '감싼 것을 풀어 전용 수거함에 조심히 넣어 주세요.',
        en: 'Unwrap it at the collection box and lay it in gently.',
      },
    ],
    warnings: [
      {
        ko: '수은이 들어 있으니 깨뜨리지 마세요. LED 전등은 지역 안내를 확인해 주세요.',
        en: 'It contains mercury, so do not break it; for LED lamps see your local guidance.',
      },
    ],
    condition_notes: [
      {
        condition: 'broken',
        moves_to: 'NONBURN',
        ko: '깨진 형광등은 환기하고 장갑을 낀 채 신문지에 싸서 불연성 폐기물로 배출해 주세요.',
        en: 'Air the room, put on gloves, wrap the broken lamp in newspaper and put it out as non-burnable waste.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'EWASTE',
    title: { ko: '폐가전제품', en: 'Electrical appliance' },
    waste_type: 'electronics',
    recyclable: true,
    placement: {
      ko: '작은 것은 소형 가전 수거함에, 큰 것은 무상 방문 수거(1599-0903)에 맡겨 주세요.',
      en: 'Small ones go in the small appliance box; large ones are collected free at your door (1599-0903).',
    },
    includes: [
      { ko: '휴대전화', en: 'mobile phone' },
      { ko: '전기밥솥', en: 'rice cooker' },
      { ko: '선풍기', en: 'electric fan' },
      { ko: '냉장고', en: 'refrigerator' },
    ],
    excludes: [
      { ko: '건전지', en: 'dry cell', category: 'BATTERY' },
      { ko: '가구', en: 'furniture', category: 'BULKY' },
    ],
    steps: [
      {
        verb: 'empty',
        ko: '안에 든 것을 비우고 개인 정보를 지워 주세요.',
        en: 'Empty it and erase personal data.',
        covers: ['contents_left'],
      },
      {
        verb: 'separate',
        ko: '뺄 수 있는 배터리는 빼서 따로 배출해 주세요.',
        en: 'Take out a removable battery and hand it in separately.',
        covers: ['battery_inside'],
      },
      {
        verb: 'report',
        ko: '큰 제품이나 다섯 개 이상은 무상 방문 수거를 예약하고, 작은 제품은 소형 가전 수거함에 넣어 주세요.',
        en: 'Book a free pick-up for a large item or five and more; put small ones in the small appliance box.',
        covers: ['large'],
      },
    ],
    warnings: [{ ko: '함부로 분해하지 마세요.', en: 'Do not take it apart.' }],
    condition_notes: [
      {
        condition: 'swollen',
        ko: '배터리가 부풀었으면 충전하거나 누르지 말고 수거함에 넣기 전에 주민센터에 문의해 주세요.',
        en: 'If the battery is swollen, do not charge or press it, and ask your community centre before using a box.',
      },
      {
        condition: 'battery_inside',
        ko: '뺄 수 있는 배터리는 빼서 전용 수거함에 넣어 주세요.',
        en: 'Take out a removable battery and put it in a battery box.',
      },
      {
        condition: 'large',
        ko: '큰 제품은 무상 방문 수거(1599-0903)를 예약해 주세요.',
        en: 'Book a free pick-up (1599-0903) for a large appliance.',
      },
      { condition: 'contents_left', ko: '안에 든 것을 먼저 비워 주세요.', en: 'Empty it first.' },
      {
        condition: 'broken',
        ko: '깨진 부분은 다치지 않게 감싸 주세요.',
        en: 'Cover broken parts so that nobody is hurt.',
      },
    ],
    ...nationalGuideline,
    version: 1,
  },
  {
    code: 'HAZARD',
    title: { ko: '생활 유해 폐기물', en: 'Household hazardous waste' },
    waste_type: 'hazardous',
    recyclable: false,
    placement: {
      ko: '약은 약국이나 보건소에, 그 밖의 것은 주민센터가 정한 수거처에 가져다주세요.',
      en: 'Take medicines to a pharmacy or health centre, and the rest to the place your community centre names.',
    },
    includes: [
      { ko: '남은 약', en: 'left-over medicine' },
      { ko: '남은 농약', en: 'left-over pesticide' },
      { ko: '수은 온도계', en: 'mercury thermometer' },
      { ko: '페인트 통', en: 'paint tin' },
    ],
    excludes: [
      { ko: '알약 포장재', en: 'pill blister pack', category: 'GENERAL' },
      { ko: '건전지', en: 'dry cell', category: 'BATTERY' },
    ],
    steps: [
      {
        verb: 'separate',
        ko: '원래 용기에 담은 채 새지 않게 닫아 주세요.',
        en: 'Keep it in its own container, tightly closed.',
        covers: ['contents_left', 'hazardous_residue'],
      },
      {
        verb: 'bring',
        ko: '약은 약국이나 보건소에, 그 밖의 것은 주민센터가 안내하는 수거처에 가져다주세요.',
        en: 'Take medicines to a pharmacy or health centre; for the rest, ask your community centre where.',
      },
    ],
    warnings: [
      { ko: '하수구나 종량제 봉투에 버리지 마세요.', en: 'Never pour it down a drain or put it in a standard bag.' },
    ],
    condition_notes: [
      {
        condition: 'broken',
        ko: '깨져서 새면 맨손으로 만지지 말고 환기한 뒤 밀폐 용기에 담아 주세요.',
        en: 'If it is broken and leaks, do not touch it; air the room and seal it in a container.',
      },
      {
        condition: 'contents_left',
        ko: '내용물을 쏟아 내지 말고 용기째 배출해 주세요.',
        en: 'Do not pour it out; hand it in with its container.',
      },
      {
        condition: 'hazardous_residue',
        ko: '남은 내용물을 씻어 내지 말고 용기째 배출해 주세요.',
        en: 'Do not wash out the remains; hand it in with its container.',
      },
    ],
    ...municipalPractice,
    version: 1,
  },
]
