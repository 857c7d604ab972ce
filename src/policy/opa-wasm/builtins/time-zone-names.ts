/** Abbreviations of time zones where the tables that Go reads differ from what Intl says: by zone and hours from UTC, empty where they are called by their offset. */

type Names = Readonly<Record<string, string>>

const groups: readonly (readonly [zones: string, names: Names])[] = [
  ['America/Adak America/Atka US/Aleutian', { '-10': 'HST', '-9': 'HDT' }],
  [
    'America/Dawson America/Hermosillo America/Mazatlan America/Whitehorse Canada/Yukon Mexico/BajaSur',
    { '-7': 'MST' },
  ],
  ['America/Havana Cuba', { '-5': 'CST', '-4': 'CDT' }],
  ['America/Miquelon', { '-3': '', '-2': '' }],
  ['Antarctica/Casey', { '8': '' }],
  ['Antarctica/Troll', { '0': '', '2': '' }],
  ['Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai Asia/Taipei PRC ROC', { '8': 'CST' }],
  ['Asia/Colombo', { '5.5': '' }],
  ['Asia/Dubai Asia/Muscat', { '4': '' }],
  ['Asia/Hong_Kong Hongkong', { '8': 'HKT' }],
  ['Asia/Jakarta Asia/Pontianak', { '7': 'WIB' }],
  ['Asia/Jayapura', { '9': 'WIT' }],
  ['Asia/Jerusalem Asia/Tel_Aviv Israel', { '2': 'IST', '3': 'IDT' }],
  ['Asia/Karachi', { '5': 'PKT' }],
  ['Asia/Makassar Asia/Ujung_Pandang', { '8': 'WITA' }],
  ['Asia/Manila', { '8': 'PST' }],
  ['Asia/Pyongyang Asia/Seoul ROK', { '9': 'KST' }],
  ['Asia/Tokyo Japan', { '9': 'JST' }],
  ['Australia/Eucla', { '8.75': '' }],
  ['Australia/LHI Australia/Lord_Howe', { '10': 'AEST', '10.5': '', '11': '' }],
  ['Eire Europe/Dublin', { '1': 'IST' }],
  ['Europe/Guernsey Europe/Isle_of_Man Europe/Jersey', { '1': 'BST' }],
  ['Europe/Kirov Europe/Moscow Europe/Simferopol Europe/Volgograd W-SU', { '3': 'MSK' }],
  ['Etc/GMT GMT GMT+0 GMT-0 GMT0', { '0': 'GMT' }],
  ['MET', { '1': 'MET', '2': 'MEST' }],
  ['NZ-CHAT Pacific/Chatham', { '12.75': '', '13.75': '' }],
  ['Pacific/Guam Pacific/Saipan', { '10': 'ChST' }],
  ['Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa', { '-11': 'SST' }],
]

const byZone: ReadonlyMap<string, Names> = new Map(
  groups.flatMap(([zones, names]) => zones.split(' ').map((zone) => [zone, names] as const)),
)

/** Undefined: as Intl says. */
export function knownAbbreviation(zone: string, offsetSeconds: number): string | undefined {
  return byZone.get(zone)?.[String(offsetSeconds / 3600)]
}
