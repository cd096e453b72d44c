type Tip = { keywords: string[]; text: string }

/** One preparation tip for each kind of waste that people ask about. The first keyword found decides. */
const TIPS: Tip[] = [
  {
    keywords: ['우유팩', '종이팩', '멸균팩', 'carton'],
    text: '종이팩은 비우고 헹군 뒤 펼쳐 말려 종이팩 전용함에 배출하세요.',
  },
  { keywords: ['종이컵'], text: '종이컵은 비우고 헹군 뒤 눌러서 배출하세요.' },
  { keywords: ['상자', '박스', '택배', 'box'], text: '상자는 테이프와 송장을 떼고 접어서 배출하세요.' },
  { keywords: ['페트', 'pet'], text: '투명 페트병은 비우고 헹군 뒤 라벨을 떼고 눌러 뚜껑을 닫아 따로 배출하세요.' },
  { keywords: ['부탄', '살충제', '스프레이'], text: '가스 용기는 내용물을 완전히 비운 뒤 캔류로 배출하세요.' },
  { keywords: ['캔', 'can'], text: '캔은 비우고 헹군 뒤 눌러서 캔류로 배출하세요.' },
  {
    keywords: ['유리', '소주', '맥주병', 'glass'],
    text: '유리병은 비우고 헹궈 배출하고, 보증금 병은 소매점에 돌려주세요.',
  },
  { keywords: ['건전지', '배터리', '전지', 'battery'], text: '전지는 제품에서 분리해 전용 수거함에 넣으세요.' },
  { keywords: ['형광등', '전구'], text: '형광등은 깨지지 않게 전용 수거함에 넣으세요.' },
  {
    keywords: ['스티로폼', 'styrofoam'],
    text: '스티로폼은 테이프와 송장을 떼고 헹궈 배출하세요. 오염된 것은 종량제봉투에 넣으세요.',
  },
  { keywords: ['비닐', '봉지', '과자', 'vinyl'], text: '비닐은 이물질을 없애고 흩날리지 않게 모아 배출하세요.' },
  {
    keywords: ['음식물', '과일', 'food'],
    text: '음식물은 물기와 이물질을 없애 전용 용기에 넣고, 뼈와 조개껍데기는 종량제봉투에 넣으세요.',
  },
  {
    keywords: ['가전', '냉장고', '휴대폰', '전자'],
    text: '대형 가전은 무상 방문 수거를 신청하고, 소형은 전용함에 넣으세요.',
  },
  {
    keywords: ['약', '농약', '페인트', '수은'],
    text: '폐의약품 같은 유해 폐기물은 약국, 보건소, 주민센터의 수거함에 내세요.',
  },
  { keywords: ['가구', '소파', '침대'], text: '대형 폐기물은 지자체에 신고하고 스티커를 붙여 배출하세요.' },
  { keywords: ['옷', '신발', '가방'], text: '의류는 물기 없이 의류수거함에 넣으세요.' },
  { keywords: ['플라스틱', '용기', 'plastic'], text: '플라스틱 용기는 비우고 헹군 뒤 다른 재질을 분리해 배출하세요.' },
  { keywords: ['도자기', '거울', '깨진'], text: '도자기와 깨진 유리는 싸서 불연성 전용 마대에 담아 배출하세요.' },
  {
    keywords: ['종이', '신문', '책', 'paper'],
    text: '종이는 물기 없이 펴서 묶어 배출하고, 스프링과 비닐은 떼어 내세요.',
  },
]

const UNKNOWN =
  '어떤 물건인지 알려 주시면 배출 방법을 안내해 드릴게요. 비우고, 헹구고, 분리하고, 섞지 않는 것이 기본입니다.'

/** Answers the last question by keyword, and marks the answer as simulated. */
export function chatReply(messages: { role: string; text: string }[]): string {
  const question = messages.findLast(({ role }) => role === 'user')?.text.toLowerCase() ?? ''
  const tip = TIPS.find(({ keywords }) => keywords.some((keyword) => question.includes(keyword)))
  return `[시뮬레이션] ${tip ? `${tip.text} 지자체에 따라 다를 수 있습니다.` : UNKNOWN}`
}
